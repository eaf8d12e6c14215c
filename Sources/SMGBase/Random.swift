internal import CLinux

/// A small, fast, seedable generator (wyrand) for routing choices, jitter and ids. Not for secrets.
package struct FastRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// A fixed `seed` gives a repeatable sequence.
    package init(seed: UInt64) { state = seed }

    /// Seeded from the kernel.
    package init() {
        var seed: UInt64 = 0
        _ = clinux_getrandom(&seed, MemoryLayout<UInt64>.size)
        state = seed
    }

    package mutating func next() -> UInt64 {
        state &+= 0xa076_1d64_78bd_642f
        let product = state.multipliedFullWidth(by: state ^ 0xe703_7ed1_a0b4_28db)
        return product.high ^ product.low
    }

    /// Uniform over `0 ..< bound`; `bound` must be positive. The bias is below 2⁻³² for any real table size.
    package mutating func below(_ bound: Int) -> Int {
        Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// Uniform over `0 ..< 1`.
    package mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}

/// Identifiers as the API shows them.
package enum Identifier {
    private static let alphanumerics: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

    /// `prefix` and `count` random letters and digits.
    package static func random(
        prefix: StaticString, count: Int = 24, using random: inout FastRandom
    ) -> String {
        let prefixCount = prefix.utf8CodeUnitCount
        return String(unsafeUninitializedCapacity: prefixCount + count) { out in
            for i in 0..<prefixCount { out[i] = prefix.utf8Start[i] }
            var bits: UInt64 = 0
            for i in 0..<count {
                // Ten digits to the base 62 from one draw: each multiplication leaves the rest in the low half.
                if i % 10 == 0 { bits = random.next() }
                let product = bits.multipliedFullWidth(by: 62)
                out[prefixCount + i] = alphanumerics.utf8Start[Int(product.high)]
                bits = product.low
            }
            return prefixCount + count
        }
    }

    /// A random (version 4) UUID in its lower-case text form.
    package static func uuid(using random: inout FastRandom) -> String {
        var high = random.next()
        var low = random.next()
        high = (high & ~0xf000) | 0x4000
        low = (low & ~(0xc0 << 56)) | (0x80 << 56)
        func hex(_ value: UInt64, _ digits: Int) -> String {
            let text = String(value, radix: 16)
            return String(repeating: "0", count: digits - text.count) + text
        }
        return hex(high >> 32, 8) + "-" + hex((high >> 16) & 0xffff, 4) + "-" + hex(high & 0xffff, 4) + "-"
            + hex(low >> 48, 4) + "-" + hex(low & 0xffff_ffff_ffff, 12)
    }
}
