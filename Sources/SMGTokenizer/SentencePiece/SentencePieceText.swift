/// UTF-8 as SentencePiece reads it.
enum SentencePieceText {
    /// Bytes of the valid character that `text` begins with; 0 when it begins with none.
    static func characterLength(_ text: UnsafeRawBufferPointer) -> Int {
        guard let lead = text.first else { return 0 }
        if lead < 0x80 { return 1 }
        func trail(_ at: Int) -> UInt32? {
            guard at < text.count, text[at] & 0xc0 == 0x80 else { return nil }
            return UInt32(text[at] & 0x3f)
        }
        let bits = UInt32(lead)
        if lead & 0xe0 == 0xc0 {
            guard let a = trail(1) else { return 0 }
            return (bits & 0x1f) << 6 | a >= 0x80 ? 2 : 0
        }
        if lead & 0xf0 == 0xe0 {
            guard let a = trail(1), let b = trail(2) else { return 0 }
            let scalar = (bits & 0x0f) << 12 | a << 6 | b
            return scalar >= 0x800 && !(0xd800...0xdfff).contains(scalar) ? 3 : 0
        }
        if lead & 0xf8 == 0xf0 {
            guard let a = trail(1), let b = trail(2), let c = trail(3) else { return 0 }
            let scalar = (bits & 0x07) << 18 | a << 12 | b << 6 | c
            return (0x10000...0x10ffff).contains(scalar) ? 4 : 0
        }
        return 0
    }
}
