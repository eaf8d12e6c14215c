import SMGBase
import SMGTokenizer

/// One model of the room, made of a file: SentencePiece's and charsmaps' own; for the others rows of bytes, first the
/// settings, then the tokens. Texts of word models are cut at spaces, those of `unigram` are one piece.
enum Engine {
    case sentencePiece(SentencePieceModel, SentencePieceModel.Scratch)
    case unigram(UnigramModel, UnigramModel.Scratch, isSplit: Bool)
    case wordPiece(WordPieceModel)
    case wordLevel(WordLevelModel)
    case charsmap(Charsmap)

    init(kind: String, file: [UInt8]) throws {
        switch kind {
        case "sentencepiece":
            let model = try file.withUnsafeBytes { bytes in try SentencePieceModel(bytes) }
            self = .sentencePiece(model, model.makeScratch())
        case "charsmap": self = .charsmap(try file.withUnsafeBytes { bytes in try Charsmap(bytes) })
        case "unigram", "unigram-words":
            self = .unigram(
                try Self.unigram(Rows(file)), UnigramModel.Scratch(), isSplit: kind == "unigram-words")
        case "wordpiece", "wordlevel":
            let (vocabulary, settings) = try Self.vocabulary(Rows(file))
            guard settings.count >= 3 else { throw BenchmarkError("no settings") }
            let unknown = settings[0]
            if kind == "wordlevel" {
                self = .wordLevel(unknown.withUnsafeBytes { WordLevelModel(vocabulary: vocabulary, unknownToken: $0) })
            } else {
                self = .wordPiece(
                    try unknown.withUnsafeBytes { bytes in
                        try WordPieceModel(
                            vocabulary: vocabulary, unknownToken: bytes, continuingPrefix: settings[1],
                            maximumCharacters: Int(String(decoding: settings[2], as: UTF8.self)) ?? 100)
                    })
            }
        default: throw BenchmarkError("unknown kind \(kind)")
        }
    }

    /// Settings: the unknown id (four bytes, all set for none) and one byte for the fallback to bytes. Pieces: eight
    /// bytes of score, then the spelling.
    private static func unigram(_ rows: Rows) throws -> UnigramModel {
        var builder = UnigramModel.Builder()
        var unknown = UInt32.max
        var fallsBack = false
        for (i, row) in rows.enumerated() {
            if i == 0 {
                unknown = row.loadUnaligned(as: UInt32.self)
                fallsBack = row[4] != 0
            } else {
                try builder.add(
                    UnsafeRawBufferPointer(rebasing: row[8...]), score: row.loadUnaligned(as: Double.self))
            }
        }
        return try builder.build(unknownID: unknown == .max ? nil : unknown, byteFallback: fallsBack)
    }

    /// Settings: three rows. Tokens: four bytes of id, then the spelling.
    private static func vocabulary(_ rows: Rows) throws -> (Vocabulary, [[UInt8]]) {
        var settings: [[UInt8]] = []
        var builder = Vocabulary.Builder()
        for row in rows {
            if settings.count < 3 {
                settings.append(Array(row))
            } else {
                try builder.add(UnsafeRawBufferPointer(rebasing: row[4...]), id: row.loadUnaligned(as: UInt32.self))
            }
        }
        return (Vocabulary(builder), settings)
    }

    /// Appends the ids of `text`.
    func encode(_ text: UnsafeRawBufferPointer, into ids: TokenBuffer) throws {
        switch self {
        case .sentencePiece(let model, let scratch): try model.encode(text, into: ids, scratch: scratch)
        case .unigram(let model, let scratch, isSplit: false): try model.encode(text, into: ids, scratch: scratch)
        case .unigram(let model, let scratch, isSplit: true):
            try eachWord(text) { word in try model.encode(word, into: ids, scratch: scratch) }
        case .wordPiece(let model): try eachWord(text) { word in try model.encode(word, into: ids) }
        case .wordLevel(let model): try eachWord(text) { word in try model.encode(word, into: ids) }
        case .charsmap: throw BenchmarkError("a charsmap has no ids")
        }
    }

    /// Appends the text of `ids`, or for a charsmap what it makes of the row's bytes.
    func decode(_ row: UnsafeRawBufferPointer, into text: ByteBuffer) throws {
        switch self {
        case .sentencePiece(let model, _):
            let ids = (0..<row.count / 4).map { row.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self) }
            try ids.withUnsafeBufferPointer { ids in try model.decode(ids, into: text) }
        case .charsmap(let charsmap): charsmap.normalize(row, into: text)
        default: throw BenchmarkError("this kind does not decode")
        }
    }

    private func eachWord(_ text: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
        var start = 0
        while start < text.count {
            let end = text.firstIndex(of: 0x20, from: start) ?? text.count
            if end > start { try body(UnsafeRawBufferPointer(rebasing: text[start..<end])) }
            start = end + 1
        }
    }
}

func writeIDs(_ engine: Engine, _ rows: Rows) throws {
    let ids = TokenBuffer()
    let writer = RowWriter()
    for row in rows {
        ids.removeAll()
        try engine.encode(row, into: ids)
        writer.add(UnsafeRawBufferPointer(ids.ids))
    }
    writer.flush()
}

func writeTexts(_ engine: Engine, _ rows: Rows) throws {
    let text = ByteBuffer(capacity: 1 << 12)
    let writer = RowWriter()
    for row in rows {
        text.clear()
        try engine.decode(row, into: text)
        writer.add(text.readable)
    }
    writer.flush()
}

/// Prints the nanoseconds of every round.
func measure(_ engine: Engine, _ rows: Rows, rounds: Int) throws {
    let ids = TokenBuffer(capacity: 1 << 20)
    let text = ByteBuffer(capacity: 1 << 20)
    let texts = Array(rows)
    for _ in 0..<rounds {
        let start = Instant.now()
        for row in texts {
            ids.removeAll()
            if case .charsmap = engine {
                text.clear()
                try engine.decode(row, into: text)
            } else {
                try engine.encode(row, into: ids)
            }
        }
        print((Instant.now() - start).nanoseconds)
    }
}
