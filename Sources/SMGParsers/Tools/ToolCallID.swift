package import SMGBase

/// Ids of tool calls, for formats whose calls have none of their own.
package enum ToolCallID {
    /// Hexadecimal digits of a random id.
    private static let digits = 24

    /// `call_` and 24 random hexadecimal digits.
    package static func random(using random: inout FastRandom) -> String {
        let high = random.next()
        let low = random.next()
        return String(unsafeUninitializedCapacity: 5 + digits) { out in
            for (i, byte) in "call_".utf8.enumerated() { out[i] = byte }
            for i in 0..<digits {
                let word = i < 16 ? high >> UInt64(4 * i) : low >> UInt64(4 * (i - 16))
                let nibble = UInt8(truncatingIfNeeded: word & 15)
                out[5 + i] = nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
            }
            return 5 + digits
        }
    }

    /// The manner of Kimi K2: `functions.name:n`. `number` counts every call of the conversation, the history's included.
    package static func kimiK2(name: String, number: Int) -> String { "functions.\(name):\(number)" }

    /// The manner of Kimi K3: `name:index`.
    package static func kimiK3(name: String, index: Int) -> String { "\(name):\(index)" }
}
