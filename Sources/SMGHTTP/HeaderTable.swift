internal import SMGBase

/// Where one field lies, in bytes from the start of its head.
package struct HeaderField: Sendable {
    package let nameStart: Int32
    package let nameLength: Int32
    /// The value without surrounding whitespace.
    package let valueStart: Int32
    package let valueLength: Int32
    package let known: KnownHeader

    @inline(__always)
    package init(name: Range<Int>, value: Range<Int>, known: KnownHeader) {
        nameStart = Int32(truncatingIfNeeded: name.lowerBound)
        nameLength = Int32(truncatingIfNeeded: name.count)
        valueStart = Int32(truncatingIfNeeded: value.lowerBound)
        valueLength = Int32(truncatingIfNeeded: value.count)
        self.known = known
    }

    @inline(__always)
    package var name: Range<Int> {
        Range(uncheckedBounds: (Int(nameStart), Int(nameStart) &+ Int(nameLength)))
    }

    @inline(__always)
    package var value: Range<Int> {
        Range(uncheckedBounds: (Int(valueStart), Int(valueStart) &+ Int(valueLength)))
    }
}

/// The fields of one head, in order, as offsets into its bytes. Re-used from message to message: after the first few
/// nothing is allocated. Every accessor takes the bytes the offsets count from; they must be the ones parsed.
package final class HeaderTable {
    private var fields: UnsafeMutablePointer<HeaderField>
    private var capacity: Int
    package private(set) var count = 0
    /// One bit for each `KnownHeader` present.
    private var present: UInt64 = 0

    /// Fields there is room for before the first growth: what nearly every request fits in.
    private static let initialCapacity = 32

    package init() {
        capacity = Self.initialCapacity
        fields = .allocate(capacity: capacity)
    }

    deinit { fields.deallocate() }

    package func removeAll() {
        count = 0
        present = 0
    }

    @inline(__always)
    package func append(_ field: HeaderField) {
        if count == capacity { grow() }
        (fields + count).initialize(to: field)
        count &+= 1
        present |= 1 &<< UInt64(field.known.rawValue)
    }

    @inline(never)
    private func grow() {
        let moved = UnsafeMutablePointer<HeaderField>.allocate(capacity: capacity * 2)
        moved.moveInitialize(from: fields, count: count)
        fields.deallocate()
        fields = moved
        capacity *= 2
    }

    /// Field `index` in order of arrival.
    @inline(__always)
    package subscript(index: Int) -> HeaderField {
        precondition(index >= 0 && index < count)
        return fields[index]
    }

    @inline(__always)
    package func contains(_ known: KnownHeader) -> Bool { present >> UInt64(known.rawValue) & 1 == 1 }

    /// The first field `known`, at or after position `start`.
    package func firstIndex(of known: KnownHeader, from start: Int = 0) -> Int? {
        guard contains(known) else { return nil }
        var index = start
        while index < count {
            if fields[index].known == known { return index }
            index &+= 1
        }
        return nil
    }

    /// The first field called `name` (given in lower case), at or after position `start`.
    package func firstIndex(
        named name: StaticString, from start: Int = 0, in bytes: UnsafeRawBufferPointer
    ) -> Int? {
        var index = start
        while index < count {
            let range = fields[index].name
            if range.count == name.utf8CodeUnitCount, range.upperBound <= bytes.count,
                bytes.slice(range).equalsIgnoringCase(name)
            {
                return index
            }
            index &+= 1
        }
        return nil
    }

    /// The first field called `name`, ASCII letters compared without case: for names from configuration.
    package func firstIndex(
        named name: UnsafeRawBufferPointer, from start: Int = 0, in bytes: UnsafeRawBufferPointer
    ) -> Int? {
        var index = start
        while index < count {
            let range = fields[index].name
            if range.count == name.count, range.upperBound <= bytes.count, bytes.slice(range).equalsIgnoringCase(name) {
                return index
            }
            index &+= 1
        }
        return nil
    }

    /// The value of the first field `known`.
    package func value(_ known: KnownHeader, in bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        guard let index = firstIndex(of: known) else { return nil }
        return value(at: index, in: bytes)
    }

    /// The name of field `index`.
    package func name(at index: Int, in bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        bytes.slice(self[index].name)
    }

    /// The value of field `index`.
    package func value(at index: Int, in bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        bytes.slice(self[index].value)
    }
}

extension UnsafeRawBufferPointer {
    /// Equality with `other`, ASCII letters compared without case.
    func equalsIgnoringCase(_ other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count else { return false }
        for i in 0..<count where ASCII.lowercased(self[i]) != ASCII.lowercased(other[i]) { return false }
        return true
    }
}
