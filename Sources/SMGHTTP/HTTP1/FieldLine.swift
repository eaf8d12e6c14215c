/// One `name: value` line of a head.
enum FieldLine {
    /// Parses the line `start ..< end`, which holds no control character but tabs. Offsets count from `base`;
    /// `limit` is how many bytes may be read at `base`, at least `end`.
    @inline(__always)
    static func parse(
        _ base: UnsafeRawPointer, _ start: Int, _ end: Int, limit: Int
    ) throws(HTTPParseError) -> HeaderField {
        let colon = findColon(base, start, end, limit)
        // A known name needs no look at its bytes: it was compared with all of them.
        let known = colon < end ? KnownHeader.recognise(base + start, colon &- start) : .other
        if known == .other { try checkName(base, start, colon, end) }
        var first = colon &+ 1
        var last = end
        while first < last, isBlank(base.load(fromByteOffset: first, as: UInt8.self)) { first &+= 1 }
        while last > first, isBlank(base.load(fromByteOffset: last &- 1, as: UInt8.self)) { last &-= 1 }
        return HeaderField(
            name: Range(uncheckedBounds: (start, colon)), value: Range(uncheckedBounds: (first, last)), known: known)
    }

    /// Offset of the first ":" in `start ..< end`, or `end`.
    @inline(__always)
    private static func findColon(_ base: UnsafeRawPointer, _ start: Int, _ end: Int, _ limit: Int) -> Int {
        var at = start
        while at < end, at &+ 8 <= limit {
            let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            let hits = FieldSyntax.firstMatch(of: UInt8(ascii: ":"), in: word)
            if hits != 0 { return min(at &+ hits.trailingZeroBitCount >> 3, end) }
            at &+= 8
        }
        while at < end, base.load(fromByteOffset: at, as: UInt8.self) != UInt8(ascii: ":") { at &+= 1 }
        return min(at, end)
    }

    private static func checkName(
        _ base: UnsafeRawPointer, _ start: Int, _ colon: Int, _ end: Int
    ) throws(HTTPParseError) {
        guard start < end else { throw .missingColon }
        if isBlank(base.load(fromByteOffset: start, as: UInt8.self)) { throw .foldedLine }
        guard colon < end else { throw .missingColon }
        guard colon > start else { throw .invalidFieldName }
        guard colon &- start <= HeadLimits.fieldNameBytes else { throw .fieldNameTooLong }
        if isBlank(base.load(fromByteOffset: colon &- 1, as: UInt8.self)) { throw .whitespaceBeforeColon }
        guard FieldSyntax.isToken(base + start, colon &- start) else { throw .invalidFieldName }
    }

    @inline(__always)
    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 9 }
}

/// The members of a comma-separated list value, empty ones skipped, each without surrounding blanks.
struct ListMembers {
    private let base: UnsafeRawPointer
    private var at: Int
    private let end: Int

    init(_ base: UnsafeRawPointer, _ range: Range<Int>) {
        self.base = base
        at = range.lowerBound
        end = range.upperBound
    }

    mutating func next() -> Range<Int>? {
        while at < end {
            var first = at
            while at < end, base.load(fromByteOffset: at, as: UInt8.self) != UInt8(ascii: ",") { at += 1 }
            var last = at
            at += 1
            while first < last, FieldLine.isBlank(base.load(fromByteOffset: first, as: UInt8.self)) { first += 1 }
            while last > first, FieldLine.isBlank(base.load(fromByteOffset: last - 1, as: UInt8.self)) { last -= 1 }
            if first < last { return first..<last }
        }
        return nil
    }
}
