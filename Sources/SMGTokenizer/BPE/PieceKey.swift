internal import SMGBase

/// A short piece as two words: its bytes, zeros behind them, and its length in the last byte. Equal keys are equal
/// pieces.
struct PieceKey: Hashable {
    /// Bytes of the longest piece that has a key.
    static let longest = 15

    var low: UInt64
    var high: UInt64

    /// The key of the first `count` bytes at `base`, 16 bytes of which are readable. `count` is at most `longest`.
    @inline(__always)
    init(readable base: UnsafeRawPointer, count: Int) {
        assert(count <= Self.longest)
        let low = base.loadUnaligned(as: UInt64.self).littleEndian
        let high = base.loadUnaligned(fromByteOffset: 8, as: UInt64.self).littleEndian
        let bits = UInt64(truncatingIfNeeded: count) &* 8
        // Smart shifts: 64 and more give 0, so one of the masks is all ones or all zeros.
        let lowMask = bits >= 64 ? UInt64.max : (1 &<< bits) &- 1
        let highMask = bits > 64 ? (1 &<< (bits &- 64)) &- 1 : 0
        self.low = low & lowMask
        self.high = high & highMask | UInt64(truncatingIfNeeded: count) &<< 56
    }

    /// The key of `piece`, which has at most `longest` bytes.
    init(_ piece: UnsafeRawBufferPointer) {
        var copy: (UInt64, UInt64) = (0, 0)
        self = withUnsafeMutableBytes(of: &copy) { bytes in
            bytes.copyMemory(from: piece)
            return PieceKey(readable: UnsafeRawPointer(bytes.baseAddress!), count: piece.count)
        }
    }

    @inline(__always)
    var hash: UInt64 { ByteHash.fold(low ^ ByteHash.k0, high ^ ByteHash.k1) }

    /// Whether the `count` bytes at `a` and `b` are the same: the longer pieces' comparison.
    @inline(__always)
    static func areEqual(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ count: Int) -> Bool {
        var at = 0
        while at &+ 8 <= count {
            if a.loadUnaligned(fromByteOffset: at, as: UInt64.self)
                != b.loadUnaligned(fromByteOffset: at, as: UInt64.self)
            {
                return false
            }
            at &+= 8
        }
        while at < count {
            if a.load(fromByteOffset: at, as: UInt8.self) != b.load(fromByteOffset: at, as: UInt8.self) { return false }
            at &+= 1
        }
        return true
    }
}
