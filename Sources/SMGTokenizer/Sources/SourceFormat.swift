internal import SMGBase

/// The format of a file by its first bytes.
enum SourceFormat: Equatable {
    /// JSON of some kind.
    case json
    /// Lines of tokens in base64 and ranks.
    case ranks
    /// A SentencePiece model.
    case sentencePiece
    /// A GGUF file.
    case gguf
    case unknown

    /// Bytes that are looked at.
    private static let sniffedBytes = 512

    init(of bytes: UnsafeRawBufferPointer) {
        var text = bytes.slice(0..<min(bytes.count, Self.sniffedBytes))
        if text.hasPrefix("GGUF") {
            self = .gguf
            return
        }
        if text.hasPrefix("\u{feff}") { text = text.slice(3..<text.count) }
        let first = text.first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0a && $0 != 0x0d }
        if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
            self = .json
        } else if RankFile.isOne(bytes) {
            self = .ranks
        } else {
            self = Self.looksLikeSentencePiece(text) ? .sentencePiece : .unknown
        }
    }

    /// A model begins with its pieces: field 1, with a message that begins with the piece's text, field 1 too.
    private static func looksLikeSentencePiece(_ text: UnsafeRawBufferPointer) -> Bool {
        guard text.count >= 4, text[0] == 0x0a else { return false }
        // The length of a piece's message takes one byte, or two for long pieces.
        return text[2] == 0x0a || text[1] >= 0x80 && text[3] == 0x0a
    }
}
