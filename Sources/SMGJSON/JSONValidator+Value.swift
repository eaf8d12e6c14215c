/// The containers that are open, one bit each: set for an object. No recursion, so hostile nesting costs no stack.
private struct ContainerStack {
    private var words: InlineArray<8, UInt64> = .init(repeating: 0)
    private(set) var depth = 0
    /// Whether the innermost open container is an object.
    private(set) var inObject = false

    /// Opens a container; false when `limit` are open already.
    @inline(__always)
    mutating func push(object: Bool, limit: Int) -> Bool {
        guard depth < limit else { return false }
        let bit: UInt64 = 1 &<< UInt64(depth & 63)
        if object { words[depth &>> 6] |= bit } else { words[depth &>> 6] &= ~bit }
        depth &+= 1
        inObject = object
        return true
    }

    /// Closes the innermost container; there must be one.
    @inline(__always)
    mutating func pop() {
        depth &-= 1
        guard depth > 0 else { return }
        let outer = depth &- 1
        inObject = words[outer &>> 6] &>> UInt64(outer & 63) & 1 == 1
    }

    /// What the storage can hold.
    static let capacity = 8 * 64
}

extension JSONValidator {
    /// One value of any kind. `outerDepth` containers around it are open already.
    func value(_ start: Int, outerDepth: Int) throws(JSONError) -> Int {
        var stack = ContainerStack()
        let limit = min(JSONLimits.maximumDepth, ContainerStack.capacity) &- outerDepth
        var at = start
        var escapes = false
        while true {
            // `at` is where a value starts.
            switch byte(at) {
            case UInt8(ascii: "\""): at = try string(at &+ 1, escapes: &escapes)
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): at = try number(at)
            case UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"): at = try literal(at)
            case UInt8(ascii: "{"):
                guard stack.push(object: true, limit: limit) else { throw JSONError(.depthLimit, at: at) }
                at = whitespace(at &+ 1)
                if byte(at) != UInt8(ascii: "}") {
                    at = try key(at, orElse: .expectedKeyOrObjectEnd)
                    continue
                }
            // The end of the empty object is taken below, like any other.
            case UInt8(ascii: "["):
                guard stack.push(object: false, limit: limit) else { throw JSONError(.depthLimit, at: at) }
                at = whitespace(at &+ 1)
                if byte(at) != UInt8(ascii: "]") {
                    guard JSONKind(firstByte: byte(at)) != nil else { throw failure(.expectedValueOrArrayEnd, at: at) }
                    continue
                }
            default: throw failure(.expectedValue, at: at)
            }
            guard try !closes(&at, &stack) else { return at }
        }
    }

    /// Behind a value: closes every container that ends here. True when the outermost value is complete, false with
    /// `at` on the next value.
    @inline(__always)
    private func closes(_ at: inout Int, _ stack: inout ContainerStack) throws(JSONError) -> Bool {
        while stack.depth > 0 {
            at = whitespace(at)
            let byte = byte(at)
            if stack.inObject {
                if byte == UInt8(ascii: ",") {
                    at = try key(whitespace(at &+ 1), orElse: .expectedKey)
                    return false
                }
                guard byte == UInt8(ascii: "}") else { throw failure(.expectedCommaOrObjectEnd, at: at) }
            } else {
                if byte == UInt8(ascii: ",") {
                    at = whitespace(at &+ 1)
                    return false
                }
                guard byte == UInt8(ascii: "]") else { throw failure(.expectedCommaOrArrayEnd, at: at) }
            }
            at &+= 1
            stack.pop()
        }
        return true
    }

    /// A key, its colon and the whitespace around it, up to the member's value.
    @inline(__always)
    private func key(_ start: Int, orElse code: JSONError.Code) throws(JSONError) -> Int {
        var escapes = false
        guard byte(start) == UInt8(ascii: "\"") else { throw failure(code, at: start) }
        return try colon(try string(start &+ 1, escapes: &escapes))
    }

    /// The colon behind a key and the whitespace around it.
    @inline(__always)
    func colon(_ start: Int) throws(JSONError) -> Int {
        let at = whitespace(start)
        guard byte(at) == UInt8(ascii: ":") else { throw failure(.expectedColon, at: at) }
        return whitespace(at &+ 1)
    }

    /// A whole document: one value with nothing but whitespace around it. Returns the value's range.
    func document() throws(JSONError) -> Range<Int> {
        let start = try documentStart()
        let end = try value(start, outerDepth: 0)
        try documentEnd(end)
        return start..<end
    }

    /// The whitespace before a document's value. A byte order mark is refused (RFC 8259 section 8.1).
    func documentStart() throws(JSONError) -> Int {
        if byte(0) == 0xef, byte(1) == 0xbb, byte(2) == 0xbf { throw JSONError(.byteOrderMark, at: 0) }
        return whitespace(0)
    }

    /// The whitespace behind a document's value.
    func documentEnd(_ end: Int) throws(JSONError) {
        let at = whitespace(end)
        guard at == count else { throw JSONError(.trailingData, at: at) }
    }
}
