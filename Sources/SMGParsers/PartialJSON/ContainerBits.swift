/// The containers that are open, one bit each: set for an object. No recursion, so hostile nesting costs no stack.
struct ContainerBits: Sendable {
    private var words: InlineArray<8, UInt64> = .init(repeating: 0)
    private(set) var depth = 0
    /// Whether the innermost open container is an object.
    private(set) var inObject = false

    /// Opens a container; false when `ParserLimits.maximumDepth` are open already.
    @inline(__always)
    mutating func push(object: Bool) -> Bool {
        guard depth < min(ParserLimits.maximumDepth, 512) else { return false }
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
        inObject = depth > 0 && isObject(depth &- 1)
    }

    /// Whether container `level`, counted from the outermost, is an object; it must be open.
    @inline(__always)
    func isObject(_ level: Int) -> Bool { words[level &>> 6] &>> UInt64(level & 63) & 1 == 1 }
}
