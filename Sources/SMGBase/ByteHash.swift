/// A fast hash of bytes for tables inside the process (folded 128-bit products, 16 bytes a step).
///
/// Not for secrets, and not stable between versions. Tables that strangers can fill give it a seed of their own.
public enum ByteHash {
    // Computed: a stored constant of another module costs a call and a check for its first use, each time.
    @inlinable @inline(__always)
    public static var k0: UInt64 { 0xa076_1d64_78bd_642f }
    @inlinable @inline(__always)
    public static var k1: UInt64 { 0xe703_7ed1_a0b4_28db }

    @inlinable @inline(__always)
    public static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low
    }

    /// The hash of `count` bytes at `base`, which may be anything when `count` is 0.
    @inlinable
    public static func hash(_ base: UnsafeRawPointer, count: Int, seed: UInt64 = 0) -> UInt64 {
        var state = seed ^ fold(seed ^ k0, k1)
        var at = base
        var rest = count
        while rest > 16 {
            state = fold(word(at) ^ k1, word(at + 8) ^ state)
            at += 16
            rest &-= 16
        }
        // Reads of the last bytes overlap rather than loop.
        let a: UInt64
        let b: UInt64
        if rest >= 8 {
            a = word(at)
            b = word(at + rest - 8)
        } else if rest >= 4 {
            a = UInt64(half(at))
            b = UInt64(half(at + rest - 4))
        } else if rest > 0 {
            a = UInt64(byte(at)) << 16 | UInt64(byte(at + rest / 2)) << 8 | UInt64(byte(at + rest - 1))
            b = 0
        } else {
            a = 0
            b = 0
        }
        return fold(k1 ^ UInt64(truncatingIfNeeded: count), fold(a ^ k1, b ^ state))
    }

    /// The hash of `bytes`.
    @inlinable
    public static func hash(_ bytes: UnsafeRawBufferPointer, seed: UInt64 = 0) -> UInt64 {
        guard let base = bytes.baseAddress else { return fold(k1, fold(k1, seed ^ fold(seed ^ k0, k1))) }
        return hash(base, count: bytes.count, seed: seed)
    }

    @inlinable @inline(__always)
    static func word(_ at: UnsafeRawPointer) -> UInt64 { at.loadUnaligned(as: UInt64.self) }

    @inlinable @inline(__always)
    static func half(_ at: UnsafeRawPointer) -> UInt32 { at.loadUnaligned(as: UInt32.self) }

    @inlinable @inline(__always)
    static func byte(_ at: UnsafeRawPointer) -> UInt8 { at.load(as: UInt8.self) }
}
