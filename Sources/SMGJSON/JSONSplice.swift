package import SMGBase

/// Edits top-level members of a scanned object. All other bytes, whitespace and order included, stay as they came.
///
/// Collect edits, then `apply` them to a body; the result is a list of segments, or one run of bytes. The object is
/// storage that is used again. A key that the body repeats is edited as one: the last occurrence, the one that counts,
/// is kept or replaced, the earlier ones go.
package final class JSONSplice {
    /// A part of the result.
    package enum Segment: Hashable, Sendable {
        /// Bytes of the body.
        case body(Range<Int>)
        /// Bytes of `inserted`.
        case inserted(Range<Int>)

        package var count: Int {
            switch self {
            case .body(let range), .inserted(let range): range.count
            }
        }
    }

    private enum Action { case set, replace, remove }

    /// One edit; its bytes are in `inserted`, one behind the other: the key as it is, a comma, the key as JSON, a
    /// colon, the value.
    private struct Edit {
        var action: Action
        var key: Range<Int>
        var comma: Int
        var value: Range<Int>
        /// The body's member it applies to: the last of that name.
        var target: Int?
    }

    private var edits: [Edit] = []
    /// The bytes `Segment.inserted` refers to.
    package let inserted = ByteBuffer(capacity: 256)
    /// The result of `apply`.
    package private(set) var segments: [Segment] = []
    /// Bytes of the result.
    package private(set) var byteCount = 0

    package init() {}

    /// Forgets all edits and results.
    package func reset() {
        edits.removeAll(keepingCapacity: true)
        segments.removeAll(keepingCapacity: true)
        inserted.clear()
        byteCount = 0
    }

    /// Whether there is anything to apply.
    package var isEmpty: Bool { edits.isEmpty }
}

// MARK: - Edits

extension JSONSplice {
    /// Replaces the value of `key`, or adds the member at the end. `write` must write exactly one value. A later edit
    /// of the same key takes the place of an earlier one.
    package func set(_ key: StaticString, _ write: (inout JSONWriter) -> Void) {
        edit(.set, Self.utf8(key), write)
    }

    /// `set` for a key that is UTF-8 bytes.
    package func set(utf8 key: UnsafeRawBufferPointer, _ write: (inout JSONWriter) -> Void) {
        edit(.set, key, write)
    }

    /// Replaces the value of `key` where the body has it; adds nothing.
    package func replace(_ key: StaticString, _ write: (inout JSONWriter) -> Void) {
        edit(.replace, Self.utf8(key), write)
    }

    /// `replace` for a key that is UTF-8 bytes.
    package func replace(utf8 key: UnsafeRawBufferPointer, _ write: (inout JSONWriter) -> Void) {
        edit(.replace, key, write)
    }

    /// Removes every member named `key`.
    package func remove(_ key: StaticString) { edit(.remove, Self.utf8(key)) { _ in } }

    /// `remove` for a key that is UTF-8 bytes.
    package func remove(utf8 key: UnsafeRawBufferPointer) { edit(.remove, key) { _ in } }

    private static func utf8(_ key: StaticString) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount)
    }

    private func edit(_ action: Action, _ key: UnsafeRawBufferPointer, _ write: (inout JSONWriter) -> Void) {
        edits.removeAll { inserted.slice($0.key).elementsEqual(key) }
        let start = inserted.writerIndex
        inserted.append(key)
        let comma = inserted.writerIndex
        var valueStart = comma
        if action != .remove {
            inserted.append(UInt8(ascii: ","))
            JSONWriter.quote(key, to: inserted)
            inserted.append(UInt8(ascii: ":"))
            valueStart = inserted.writerIndex
            var writer = JSONWriter(inserted)
            write(&writer)
        }
        edits.append(
            Edit(
                action: action, key: start..<comma, comma: comma, value: valueStart..<inserted.writerIndex, target: nil)
        )
    }
}

// MARK: - Result

extension JSONSplice {
    /// Works out `segments` for the body that `scan` read. False, with no segments, when `bytes` is not that body.
    @discardableResult
    package func apply(to scan: JSONObjectScan, in bytes: UnsafeRawBufferPointer) -> Bool {
        segments.removeAll(keepingCapacity: true)
        byteCount = 0
        guard bytes.count == scan.byteCount, !scan.objectRange.isEmpty else { return false }
        findTargets(scan, bytes)
        let kept = copyMembers(scan, bytes)
        addMembers(isFirst: !kept)
        emit(.body((scan.members.last?.valueRange.upperBound ?? scan.objectRange.lowerBound + 1)..<bytes.count))
        return true
    }

    /// Applies the edits and appends the result to `buffer`. False, with nothing appended, when `bytes` is not the
    /// body that `scan` read. `bytes` must not be in `buffer`.
    @discardableResult
    package func append(_ scan: JSONObjectScan, in bytes: UnsafeRawBufferPointer, to buffer: ByteBuffer) -> Bool {
        guard apply(to: scan, in: bytes) else { return false }
        buffer.reserve(byteCount)
        for segment in segments { buffer.append(resolve(segment, in: bytes)) }
        return true
    }

    /// The bytes of `segment`. Valid as long as `bytes`, and until the next edit.
    package func resolve(_ segment: Segment, in bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        switch segment {
        case .body(let range): bytes.slice(range)
        case .inserted(let range): inserted.slice(range)
        }
    }

    private func findTargets(_ scan: JSONObjectScan, _ bytes: UnsafeRawBufferPointer) {
        for i in edits.indices {
            edits[i].target = nil
            guard edits[i].action != .remove else { continue }
            let key = inserted.slice(edits[i].key)
            edits[i].target = scan.members.indices.last { scan.key($0, in: bytes)?.isEqual(toUTF8: key) ?? false }
        }
    }

    /// Emits everything up to the last member that stays; true when any does.
    ///
    /// A member that stays brings the separator before it, except the first to stay: what it follows is the brace.
    private func copyMembers(_ scan: JSONObjectScan, _ bytes: UnsafeRawBufferPointer) -> Bool {
        let members = scan.members
        let firstKey = members.first.map { $0.keyRange.lowerBound - 1 } ?? scan.objectRange.lowerBound + 1
        emit(.body(0..<firstKey))
        var kept = false
        for (i, member) in members.enumerated() {
            let edit = edit(for: i, scan, bytes)
            if let edit, edit.target != i { continue }
            let start = kept ? members[i - 1].valueRange.upperBound : member.keyRange.lowerBound - 1
            kept = true
            if let edit {
                emit(.body(start..<member.valueRange.lowerBound))
                emit(.inserted(edit.value))
            } else {
                emit(.body(start..<member.valueRange.upperBound))
            }
        }
        return kept
    }

    /// The edit that concerns member `index`.
    private func edit(for index: Int, _ scan: JSONObjectScan, _ bytes: UnsafeRawBufferPointer) -> Edit? {
        guard let key = scan.key(index, in: bytes) else { return nil }
        return edits.first { key.isEqual(toUTF8: inserted.slice($0.key)) }
    }

    /// Emits the members that the body does not have.
    private func addMembers(isFirst: Bool) {
        var isFirst = isFirst
        for edit in edits where edit.action == .set && edit.target == nil {
            emit(.inserted((isFirst ? edit.comma + 1 : edit.comma)..<edit.value.upperBound))
            isFirst = false
        }
    }

    /// Adds a segment to the result, joined to the last one where it continues it.
    private func emit(_ segment: Segment) {
        guard segment.count > 0 else { return }
        byteCount += segment.count
        if case .body(let next) = segment, case .body(let last) = segments.last, last.upperBound == next.lowerBound {
            segments[segments.count - 1] = .body(last.lowerBound..<next.upperBound)
        } else {
            segments.append(segment)
        }
    }
}
