internal import SMGBase

/// What a SentencePiece `.model` file says, as far as encoding and decoding need it. Borrows the file's bytes.
struct SentencePieceFile {
    /// How texts are cut into pieces (`TrainerSpec.ModelType`).
    enum ModelType: UInt64 {
        case unigram = 1
        case bpe
        case word
        case char
    }

    /// One piece.
    struct Piece {
        var spelling = UnsafeRawBufferPointer(start: nil, count: 0)
        var score: Float = 0
        var kind = SentencePieceModel.PieceKind.normal
    }

    /// A `NormalizerSpec`.
    struct Normalizer {
        var charsmap = UnsafeRawBufferPointer(start: nil, count: 0)
        var addsDummyPrefix = true
        var removesExtraSpaces = true
        var escapesSpaces = true
    }

    var pieces: [Piece] = []
    var modelType = ModelType.unigram
    var byteFallback = false
    var spaceIsSuffix = false
    /// What an unknown piece becomes in decoded text.
    var unknownSurface: [UInt8] = Array(" \u{2047} ".utf8)
    var bosPiece: [UInt8] = Array("<s>".utf8)
    var eosPiece: [UInt8] = Array("</s>".utf8)
    var padPiece: [UInt8] = Array("<pad>".utf8)
    var normalizer = Normalizer()

    /// Reads `bytes`. Fails with `malformed`, with `limit`, or with `unsupportedComponent` for a denormalizer or an
    /// unknown type of model.
    init(_ bytes: UnsafeRawBufferPointer) throws(TokenizerError) {
        guard bytes.count <= TokenizerLimits.fileBytes else {
            throw TokenizerError(.limit, "a SentencePiece model of \(bytes.count) bytes")
        }
        var reader = ProtoReader(bytes)
        while let (field, value) = try reader.next() {
            guard let payload = value.payload else { continue }
            switch field {
            case 1:
                guard pieces.count < Int(TokenizerLimits.maximumID) else {
                    throw TokenizerError(.limit, "a SentencePiece model of \(pieces.count) pieces and more")
                }
                pieces.append(try Self.piece(payload))
            case 2: try readTrainer(payload)
            case 3: try Self.read(payload, into: &normalizer)
            case 5:
                var denormalizer = Normalizer()
                try Self.read(payload, into: &denormalizer)
                guard denormalizer.charsmap.isEmpty else {
                    throw TokenizerError(.unsupportedComponent, "SentencePiece denormalizer")
                }
            default: break
            }
        }
    }

    private static func piece(_ bytes: UnsafeRawBufferPointer) throws(TokenizerError) -> Piece {
        var piece = Piece()
        var reader = ProtoReader(bytes)
        while let (field, value) = try reader.next() {
            switch field {
            case 1: piece.spelling = value.payload ?? piece.spelling
            case 2: piece.score = value.float ?? piece.score
            case 3:
                // A kind of a later version counts as the default, as protobuf has it.
                guard let number = value.unsigned, let raw = UInt8(exactly: number) else { continue }
                piece.kind = SentencePieceModel.PieceKind(rawValue: raw) ?? piece.kind
            default: break
            }
        }
        return piece
    }

    private mutating func readTrainer(_ bytes: UnsafeRawBufferPointer) throws(TokenizerError) {
        var reader = ProtoReader(bytes)
        while let (field, value) = try reader.next() {
            switch field {
            case 3:
                guard let number = value.unsigned else { continue }
                guard let type = ModelType(rawValue: number) else {
                    throw TokenizerError(.unsupportedComponent, "SentencePiece model type \(number)")
                }
                modelType = type
            case 24: spaceIsSuffix = value.isTrue ?? spaceIsSuffix
            case 35: byteFallback = value.isTrue ?? byteFallback
            case 44: unknownSurface = value.payload.map(Array.init) ?? unknownSurface
            case 46: Self.setName(&bosPiece, value)
            case 47: Self.setName(&eosPiece, value)
            case 48: Self.setName(&padPiece, value)
            default: break
            }
        }
    }

    /// An empty name means the default one.
    private static func setName(_ name: inout [UInt8], _ value: ProtoReader.Wire) {
        if let payload = value.payload, payload.count > 0 { name = Array(payload) }
    }

    private static func read(
        _ bytes: UnsafeRawBufferPointer, into normalizer: inout Normalizer
    ) throws(TokenizerError) {
        var reader = ProtoReader(bytes)
        while let (field, value) = try reader.next() {
            switch field {
            case 2: normalizer.charsmap = value.payload ?? normalizer.charsmap
            case 3: normalizer.addsDummyPrefix = value.isTrue ?? normalizer.addsDummyPrefix
            case 4: normalizer.removesExtraSpaces = value.isTrue ?? normalizer.removesExtraSpaces
            case 5: normalizer.escapesSpaces = value.isTrue ?? normalizer.escapesSpaces
            default: break
            }
        }
    }
}
