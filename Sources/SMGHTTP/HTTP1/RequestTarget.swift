/// The request target in its four forms (RFC 9112 §3.2).
enum RequestTarget {
    /// Splits the target `range` of `head` and refuses bytes and forms that are not allowed.
    static func parse(_ base: UnsafeRawPointer, _ range: Range<Int>, into head: RequestHead) throws(HTTPParseError) {
        guard !range.isEmpty else { throw .invalidTarget }
        head.target = range
        if head.method == .connect { throw .connectNotSupported }
        switch base.load(fromByteOffset: range.lowerBound, as: UInt8.self) {
        case UInt8(ascii: "/"): try parsePath(base, range, into: head)
        case UInt8(ascii: "*"):
            guard head.method == .options, range.count == 1 else { throw .invalidTarget }
            head.path = range
        default: try parseAbsolute(base, range, into: head)
        }
    }

    /// The path and query in `range`.
    @inline(__always)
    private static func parsePath(
        _ base: UnsafeRawPointer, _ range: Range<Int>, into head: RequestHead
    ) throws(HTTPParseError) {
        var at = range.lowerBound
        let end = range.upperBound
        while at < end, FieldSyntax.path.contains(base.load(fromByteOffset: at, as: UInt8.self)) { at &+= 1 }
        head.path = Range(uncheckedBounds: (range.lowerBound, at))
        guard at < end else { return }
        guard base.load(fromByteOffset: at, as: UInt8.self) == UInt8(ascii: "?") else { throw .invalidTarget }
        at &+= 1
        head.query = Range(uncheckedBounds: (at, end))
        while at < end {
            guard FieldSyntax.query.contains(base.load(fromByteOffset: at, as: UInt8.self)) else {
                throw .invalidTarget
            }
            at &+= 1
        }
    }

    /// `http://authority/path?query`, as proxies receive it.
    private static func parseAbsolute(
        _ base: UnsafeRawPointer, _ range: Range<Int>, into head: RequestHead
    ) throws(HTTPParseError) {
        let start = base + range.lowerBound
        let scheme: Int
        if range.count > 7, startsWith(start, "http://") {
            scheme = 7
        } else if range.count > 8, startsWith(start, "https://") {
            scheme = 8
        } else {
            throw .invalidTarget
        }
        let first = range.lowerBound + scheme
        var last = first
        while last < range.upperBound {
            let byte = base.load(fromByteOffset: last, as: UInt8.self)
            if byte == UInt8(ascii: "/") || byte == UInt8(ascii: "?") { break }
            last += 1
        }
        guard isAuthority(base, first..<last) else { throw .invalidTarget }
        head.authority = first..<last
        try parsePath(base, last..<range.upperBound, into: head)
    }

    private static func startsWith(_ base: UnsafeRawPointer, _ text: StaticString) -> Bool {
        for i in 0..<text.utf8CodeUnitCount {
            let byte = base.load(fromByteOffset: i, as: UInt8.self)
            // Only letters may differ in bit 5.
            let lower = byte &- 65 < 26 ? byte | 0x20 : byte
            if lower != text.utf8Start[i] { return false }
        }
        return true
    }

    /// Whether `range` is `host [":" port]` with a host that is not empty: a name, an IPv4 address, or an IPv6
    /// address in brackets. User information is refused (RFC 9110 §4.2.4).
    static func isAuthority(_ base: UnsafeRawPointer, _ range: Range<Int>) -> Bool {
        guard !range.isEmpty else { return false }
        var at = range.lowerBound
        let end = range.upperBound
        if base.load(fromByteOffset: at, as: UInt8.self) == UInt8(ascii: "[") {
            guard let close = bracketEnd(base, at + 1, end) else { return false }
            at = close
        } else {
            while at < end, FieldSyntax.host.contains(base.load(fromByteOffset: at, as: UInt8.self)) { at &+= 1 }
            guard at > range.lowerBound else { return false }
        }
        guard at < end else { return true }
        guard base.load(fromByteOffset: at, as: UInt8.self) == UInt8(ascii: ":") else { return false }
        return isPort(base, at + 1, end)
    }

    /// One past the "]" of an IPv6 address whose first byte is at `start`. Brackets, hexadecimal digits, ":" and "."
    /// are checked; whether the address can be reached is the resolver's question.
    private static func bracketEnd(_ base: UnsafeRawPointer, _ start: Int, _ end: Int) -> Int? {
        var at = start
        var colons = 0
        while at < end {
            let byte = base.load(fromByteOffset: at, as: UInt8.self)
            at += 1
            switch byte {
            case UInt8(ascii: "]"): return colons >= 2 ? at : nil
            case UInt8(ascii: ":"): colons += 1
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."): break
            case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"): break
            default: return nil
            }
        }
        return nil
    }

    /// A port may be empty ("host:"); else it is 0 to 65535.
    private static func isPort(_ base: UnsafeRawPointer, _ start: Int, _ end: Int) -> Bool {
        guard end - start <= 5 else { return false }
        var port = 0
        for at in start..<end {
            let digit = base.load(fromByteOffset: at, as: UInt8.self) &- UInt8(ascii: "0")
            guard digit < 10 else { return false }
            port = port * 10 + Int(digit)
        }
        return port <= 65535
    }
}
