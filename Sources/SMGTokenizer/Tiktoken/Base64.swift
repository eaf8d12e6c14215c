internal import SMGBase

/// Base64 with the standard alphabet and padding (RFC 4648, section 4).
enum Base64 {
    /// Value of every byte; 0xff for bytes outside of the alphabet.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xff, count: 256)
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        for (value, character) in alphabet.utf8.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()

    /// Appends what `text` stands for; false, with anything appended, when it is no base64.
    static func decode(_ text: UnsafeRawBufferPointer, into out: ByteBuffer) -> Bool {
        guard text.count % 4 == 0 else { return false }
        var count = text.count
        while count > 0, text.count - count < 2, text[count - 1] == UInt8(ascii: "=") { count -= 1 }
        return values.withUnsafeBufferPointer { values in
            var bits: UInt32 = 0
            var filled = 0
            for i in 0..<count {
                let value = values[Int(text[i])]
                if value == 0xff { return false }
                bits = bits << 6 | UInt32(value)
                filled += 6
                if filled >= 8 {
                    filled -= 8
                    out.append(UInt8(truncatingIfNeeded: bits >> UInt32(filled)))
                }
            }
            return true
        }
    }
}
