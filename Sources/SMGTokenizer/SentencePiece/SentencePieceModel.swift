internal import SMGBase

/// A SentencePiece `.model` file: its own normalizer, its Unigram or BPE model and its decoder, with the ids and texts
/// that PyPI sentencepiece gives. Immutable and usable from any number of threads, each with a `Scratch` of its own.
package final class SentencePieceModel: Sendable {
    /// What a piece is for. The raw values are the file's.
    package enum PieceKind: UInt8, Sendable {
        case normal = 1
        case unknown
        /// Never found in texts, invisible in decoded ones: bos, eos.
        case control
        /// Found in texts before anything else.
        case userDefined
        /// Not used to encode.
        case unused
        /// One byte of what has no piece.
        case byte
    }

    /// Pieces at least this long are refused, as the reference refuses them.
    private static let maximumPieceBytes = 8000

    /// What one thread needs to encode.
    package final class Scratch {
        fileprivate let normalized = ByteBuffer(capacity: 1 << 12)
        fileprivate let path = BestPath<Float>()
        fileprivate let bpe = SentencePieceBPE.Scratch()

        fileprivate init() {}
    }

    private enum Engine {
        case unigram(SentencePieceUnigram)
        case bpe(SentencePieceBPE)
    }

    /// Every piece, spelled with U+2581 for spaces; ids from 0 without holes.
    package let vocabulary: Vocabulary
    /// Id of the unknown piece; a model without one does not load.
    package let unknownID: UInt32
    /// Ids of the control pieces with these parts; nil where there is none.
    package let bosID: UInt32?
    package let eosID: UInt32?
    package let padID: UInt32?

    let kinds: [PieceKind]
    /// Whether decoding drops the space at the front of the text, and whether it drops all of them.
    let dropsLeadingSpace: Bool
    let dropsLeadingSpaces: Bool
    let unknownSurface: [UInt8]
    private let normalizer: SentencePieceNormalizer
    private let engine: Engine

    /// Reads the bytes of a `.model` file. Fails with `malformed`, `limit`, or `unsupportedComponent` for models of words
    /// or characters and for denormalizers.
    package init(_ bytes: UnsafeRawBufferPointer) throws(TokenizerError) {
        let file = try SentencePieceFile(bytes)
        kinds = file.pieces.map(\.kind)
        let vocabulary = try Self.vocabulary(file)
        self.vocabulary = vocabulary
        guard file.unknownSurface.withUnsafeBytes(Self.isText) else {
            throw Self.malformed("what unknown pieces become is not UTF-8")
        }
        let unknownIDs = kinds.indices.filter { file.pieces[$0].kind == .unknown }
        guard let first = unknownIDs.first, unknownIDs.count == 1 else {
            throw Self.malformed("\(unknownIDs.count) unknown pieces instead of one")
        }
        unknownID = UInt32(first)
        let unknown = UnknownPieces(id: unknownID, bytes: try Self.byteIDs(file, vocabulary))
        func control(_ name: [UInt8]) -> UInt32? {
            guard let id = name.withUnsafeBytes({ vocabulary.id(of: $0) }) else { return nil }
            return file.pieces[Int(id)].kind == .control ? id : nil
        }
        bosID = control(file.bosPiece)
        eosID = control(file.eosPiece)
        padID = control(file.padPiece)
        dropsLeadingSpace = file.normalizer.addsDummyPrefix || file.normalizer.removesExtraSpaces
        dropsLeadingSpaces = file.normalizer.removesExtraSpaces
        unknownSurface = file.unknownSurface
        let userDefined = try Self.userDefined(file, vocabulary)
        normalizer = try SentencePieceNormalizer(
            file.normalizer, spaceIsSuffix: file.spaceIsSuffix, userDefined: userDefined)
        switch file.modelType {
        case .unigram: engine = .unigram(try SentencePieceUnigram(file, vocabulary, unknown: unknown))
        case .bpe:
            engine = .bpe(SentencePieceBPE(file, vocabulary, kinds, userDefined: userDefined, unknown: unknown))
        case .word, .char:
            throw TokenizerError(.unsupportedComponent, "SentencePiece model of type \(file.modelType)")
        }
    }

    private static func malformed(_ what: String) -> TokenizerError {
        TokenizerError(.malformed, "not a sound SentencePiece model: \(what)")
    }

    /// Whether `bytes` are UTF-8: decoded texts are made of pieces.
    private static func isText(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress else { return true }
        return UTF8Text.wellFormedEnd(base, from: 0, count: bytes.count) == bytes.count
    }

    private static func vocabulary(_ file: SentencePieceFile) throws(TokenizerError) -> Vocabulary {
        var builder = Vocabulary.Builder(tokens: file.pieces.count, bytes: 8 * file.pieces.count)
        for (id, piece) in file.pieces.enumerated() {
            guard piece.spelling.count > 0, piece.spelling.firstIndex(of: 0) == nil else {
                throw malformed("piece \(id) is empty or has a NUL")
            }
            guard piece.spelling.count < maximumPieceBytes else {
                throw TokenizerError(.limit, "piece \(id) has \(piece.spelling.count) bytes")
            }
            guard isText(piece.spelling) else { throw malformed("piece \(id) is not UTF-8") }
            guard piece.score.isFinite else { throw malformed("the score of piece \(id) is not finite") }
            try builder.add(piece.spelling, id: UInt32(id))
        }
        let vocabulary = Vocabulary(builder)
        for (id, piece) in file.pieces.enumerated() where vocabulary.id(of: piece.spelling) != UInt32(id) {
            throw malformed("piece \(id) is spelled like a later one")
        }
        return vocabulary
    }

    /// Ids of the 256 byte pieces; nil for a model that has none.
    private static func byteIDs(
        _ file: SentencePieceFile, _ vocabulary: Vocabulary
    ) throws(TokenizerError) -> [UInt32]? {
        for (id, piece) in file.pieces.enumerated() where piece.kind == .byte {
            guard file.byteFallback else { throw malformed("byte piece \(id) in a model without byte fallback") }
            guard BytePieces.byte(piece.spelling) != nil else { throw malformed("byte piece \(id) is no byte") }
        }
        guard file.byteFallback else { return nil }
        let ids = BytePieces.ids(in: vocabulary, absent: .max)
        for (byte, id) in ids.enumerated() where id == .max || file.pieces[Int(id)].kind != .byte {
            throw malformed("there is no piece for byte \(byte)")
        }
        return ids
    }

    private static func userDefined(
        _ file: SentencePieceFile, _ vocabulary: Vocabulary
    ) throws(TokenizerError) -> ByteTrie? {
        guard file.pieces.contains(where: { $0.kind == .userDefined }) else { return nil }
        var builder = ByteTrieBuilder(vocabulary)
        for (id, piece) in file.pieces.enumerated() where piece.kind == .userDefined { builder.add(UInt32(id)) }
        return try builder.build { UInt64($0) }
    }

    /// What piece `id` is for; nil for an id that is none.
    package func kind(_ id: UInt32) -> PieceKind? { Int(id) < kinds.count ? kinds[Int(id)] : nil }

    /// Working memory for this model; one thread at a time may use it.
    package func makeScratch() -> Scratch { Scratch() }

    /// Appends the ids of `text` to `ids`; adds neither bos nor eos. Bytes of `text` that are not UTF-8 become U+FFFD,
    /// one each. Fails with `limit` for texts beyond `TokenizerLimits.textBytes`.
    package func encode(
        _ text: UnsafeRawBufferPointer, into ids: TokenBuffer, scratch: Scratch
    ) throws(TokenizerError) {
        guard text.count <= TokenizerLimits.textBytes else {
            throw TokenizerError(.limit, "a text of \(text.count) bytes")
        }
        normalizer.normalize(text, into: scratch.normalized)
        let normalized = scratch.normalized.readable
        switch engine {
        case .unigram(let unigram): try unigram.encode(normalized, into: ids, path: scratch.path)
        case .bpe(let bpe): bpe.encode(normalized, into: ids, scratch: scratch.bpe)
        }
    }
}
