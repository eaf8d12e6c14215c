internal import SMGBase

/// The pieces that stand for single bytes: `<0x00>` to `<0xFF>`.
enum BytePieces {
    /// The byte that `piece` spells; nil for every other piece. Hexadecimal digits are upper-case.
    static func byte(_ piece: UnsafeRawBufferPointer) -> UInt8? {
        guard piece.count == 6, piece.hasPrefix("<0x"), piece[5] == UInt8(ascii: ">") else { return nil }
        guard let high = digit(piece[3]), let low = digit(piece[4]) else { return nil }
        return high << 4 | low
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// Ids of the 256 byte pieces in `vocabulary`; `absent` where there is none.
    static func ids(in vocabulary: Vocabulary, absent: UInt32) -> [UInt32] {
        let digits = Array("0123456789ABCDEF".utf8)
        var spelling = Array("<0x00>".utf8)
        return (0..<256).map { byte in
            spelling[3] = digits[byte >> 4]
            spelling[4] = digits[byte & 15]
            return spelling.withUnsafeBytes { vocabulary.id(of: $0) } ?? absent
        }
    }
}
