/// All decimal digits of a double, which always has finitely many.
struct ExactDecimal {
    /// Digits without leading zeros; none for zero.
    private(set) var digits: [UInt8]
    /// Digits before the decimal point; negative when zeros follow it first.
    private(set) var point: Int

    /// Steps that making the digits of `value` is worth: the further it is from 1, the more there are to multiply.
    static func steps(of value: Double) -> Int {
        let exponent = value.isFinite ? abs(Int(value.exponentBitPattern) - 1023) : 0
        return TemplateLimits.stepsPerNumber + exponent * exponent / 1024
    }

    /// The digits of the magnitude of `value`, which is finite.
    init(_ value: Double) {
        let magnitude = value.magnitude
        guard magnitude != 0 else {
            digits = []
            point = 0
            return
        }
        var significand = magnitude.significandBitPattern
        var exponent = Int(magnitude.exponentBitPattern) - 1075
        if magnitude.isNormal { significand |= 1 << 52 } else { exponent = -1074 }
        let spare = significand.trailingZeroBitCount
        significand >>= UInt64(spare)
        exponent += spare

        // Limbs of nine digits, the least first.
        var limbs = [significand % 1_000_000_000, significand / 1_000_000_000]
        // A fraction of so many halves is as many fives, with the point moved.
        let factor: UInt64 = exponent >= 0 ? 2 : 5
        var left = exponent.magnitude
        while left > 0 {
            let step = min(left, 12)
            var power: UInt64 = 1
            for _ in 0..<step { power *= factor }
            Self.multiply(&limbs, by: power)
            left -= step
        }
        var text: [UInt8] = []
        for limb in limbs {
            var rest = limb
            for _ in 0..<9 {
                text.append(UInt8(rest % 10))
                rest /= 10
            }
        }
        while text.last == 0 { text.removeLast() }
        digits = text.reversed()
        point = digits.count + min(exponent, 0)
        trim()
    }

    private static func multiply(_ limbs: inout [UInt64], by factor: UInt64) {
        var carry: UInt64 = 0
        for at in limbs.indices {
            let product = limbs[at] * factor + carry
            limbs[at] = product % 1_000_000_000
            carry = product / 1_000_000_000
        }
        while carry > 0 {
            limbs.append(carry % 1_000_000_000)
            carry /= 1_000_000_000
        }
    }

    private mutating func trim() {
        while digits.last == 0 { digits.removeLast() }
        if digits.isEmpty { point = 0 }
    }

    /// Rounds to `places` digits behind the point, halves to the even side.
    mutating func round(places: Int) {
        round(count: point + places)
    }

    /// Rounds to `count` digits in all, halves to the even side.
    mutating func round(count: Int) {
        guard count < digits.count else { return }
        guard count >= 0 else {
            digits = []
            point = 0
            return
        }
        let next = digits[count]
        let isOdd = count > 0 && digits[count - 1] & 1 == 1
        // Trailing zeros are trimmed, so a five that is not the last digit has something behind it.
        let isUp = next > 5 || (next == 5 && (count + 1 < digits.count || isOdd))
        digits.removeLast(digits.count - count)
        if isUp {
            var at = count - 1
            while at >= 0, digits[at] == 9 {
                digits[at] = 0
                at -= 1
            }
            if at >= 0 {
                digits[at] += 1
            } else {
                digits.insert(1, at: 0)
                point += 1
            }
        }
        trim()
    }

    /// The digit `place` places behind the start of the digits, counted from 0; zeros around them.
    func digit(_ place: Int) -> UInt8 { digits.indices.contains(place) ? digits[place] : 0 }
}
