internal import SMGBase

/// One pass over a request body: validates all of it and records where its top-level members are.
///
/// The object is storage that is used again for body after body: after the first few, a scan allocates nothing. It
/// holds offsets, never pointers, so the body may move between the scan and the look-ups; what is handed to a look-up
/// must be the bytes that were scanned.
package final class JSONObjectScan {
    /// One top-level member, as offsets into the scanned bytes.
    package struct Member: Hashable, Sendable {
        fileprivate var keyStart: UInt32
        fileprivate var keyEnd: UInt32
        fileprivate var valueStart: UInt32
        fileprivate var valueEnd: UInt32
        /// The value's kind.
        package fileprivate(set) var kind: JSONKind
        /// Whether the key is spelled with escapes.
        package fileprivate(set) var keyHasEscapes: Bool
        /// Whether the value is a string spelled with escapes. Says nothing about strings further inside.
        package fileprivate(set) var valueHasEscapes: Bool

        /// The key between its quotes.
        package var keyRange: Range<Int> { Int(keyStart)..<Int(keyEnd) }
        /// The value, without the whitespace around it.
        package var valueRange: Range<Int> { Int(valueStart)..<Int(valueEnd) }
    }

    /// The members in the order they stand in the body, repeated keys included. Empty after a failed scan.
    package private(set) var members: [Member] = []
    /// From the opening brace to behind the closing one.
    package private(set) var objectRange = 0..<0
    /// Length of the bytes that were scanned.
    package private(set) var byteCount = 0

    package init() { members.reserveCapacity(32) }

    /// Forgets the last body.
    package func reset() {
        members.removeAll(keepingCapacity: members.capacity <= JSONLimits.retainedMembers)
        objectRange = 0..<0
        byteCount = 0
    }

    /// Validates `bytes` as one JSON document that is an object, and records its members.
    package func scan(_ bytes: UnsafeRawBufferPointer) throws(JSONError) {
        reset()
        guard let base = bytes.baseAddress, bytes.count > 0 else { throw JSONError(.unexpectedEnd, at: 0) }
        guard bytes.count <= JSONLimits.maximumInputBytes else {
            throw JSONError(.inputLimit, at: JSONLimits.maximumInputBytes)
        }
        do throws(JSONError) {
            objectRange = try readObject(JSONValidator(base: base, count: bytes.count))
            byteCount = bytes.count
        } catch {
            reset()
            throw error
        }
    }

    private func readObject(_ input: JSONValidator) throws(JSONError) -> Range<Int> {
        let start = try input.documentStart()
        guard input.byte(start) == UInt8(ascii: "{") else { throw input.failure(.expectedObject, at: start) }
        var at = input.whitespace(start &+ 1)
        if input.byte(at) != UInt8(ascii: "}") {
            guard input.byte(at) == UInt8(ascii: "\"") else { throw input.failure(.expectedKeyOrObjectEnd, at: at) }
            while true {
                at = input.whitespace(try readMember(input, at))
                if input.byte(at) == UInt8(ascii: "}") { break }
                guard input.byte(at) == UInt8(ascii: ",") else {
                    throw input.failure(.expectedCommaOrObjectEnd, at: at)
                }
                at = input.whitespace(at &+ 1)
                guard input.byte(at) == UInt8(ascii: "\"") else { throw input.failure(.expectedKey, at: at) }
            }
        }
        try input.documentEnd(at &+ 1)
        return start..<(at &+ 1)
    }

    /// Records the member whose key's opening quote is at `quote`; returns the offset behind its value.
    private func readMember(_ input: JSONValidator, _ quote: Int) throws(JSONError) -> Int {
        guard members.count < JSONLimits.maximumMembers else { throw JSONError(.memberLimit, at: quote) }
        var keyHasEscapes = false
        var valueHasEscapes = false
        let keyEnd = try input.string(quote &+ 1, escapes: &keyHasEscapes)
        let start = try input.colon(keyEnd)
        guard let kind = JSONKind(firstByte: input.byte(start)) else { throw input.failure(.expectedValue, at: start) }
        let end =
            kind == .string
            ? try input.string(start &+ 1, escapes: &valueHasEscapes)
            : try input.value(start, outerDepth: 1)
        members.append(
            Member(
                keyStart: UInt32(truncatingIfNeeded: quote &+ 1), keyEnd: UInt32(truncatingIfNeeded: keyEnd &- 1),
                valueStart: UInt32(truncatingIfNeeded: start), valueEnd: UInt32(truncatingIfNeeded: end),
                kind: kind, keyHasEscapes: keyHasEscapes, valueHasEscapes: valueHasEscapes))
        return end
    }
}

// MARK: - Look-ups

extension JSONObjectScan {
    /// Index in `members` of the member named `key`. The last one when the key is repeated: that is the one the
    /// engines' parsers keep. Escaped spellings of the key count.
    package func index(of key: StaticString, in bytes: UnsafeRawBufferPointer) -> Int? {
        guard bytes.count == byteCount else { return nil }
        var i = members.count
        while i > 0 {
            i &-= 1
            if name(members[i], isEqual: key, in: bytes) { return i }
        }
        return nil
    }

    /// How often `key` occurs.
    package func occurrences(of key: StaticString, in bytes: UnsafeRawBufferPointer) -> Int {
        guard bytes.count == byteCount else { return 0 }
        var found = 0
        for member in members where name(member, isEqual: key, in: bytes) { found += 1 }
        return found
    }

    /// The value of `key`, the last one when the key is repeated. Valid as long as `bytes`.
    package func value(_ key: StaticString, in bytes: UnsafeRawBufferPointer) -> JSONSlice? {
        guard let i = index(of: key, in: bytes) else { return nil }
        return JSONSlice(validated: bytes.slice(members[i].valueRange))
    }

    /// The key of member `index`; nil when there is none. Valid as long as `bytes`.
    package func key(_ index: Int, in bytes: UnsafeRawBufferPointer) -> JSONString? {
        guard bytes.count == byteCount, members.indices.contains(index) else { return nil }
        return JSONString(raw: bytes.slice(members[index].keyRange))
    }

    @inline(__always)
    private func name(_ member: Member, isEqual key: StaticString, in bytes: UnsafeRawBufferPointer) -> Bool {
        let length = Int(member.keyEnd &- member.keyStart)
        if !member.keyHasEscapes {
            return length == key.utf8CodeUnitCount && bytes.slice(member.keyRange).equals(key)
        }
        return JSONString(raw: bytes.slice(member.keyRange)).isEqual(to: key)
    }
}
