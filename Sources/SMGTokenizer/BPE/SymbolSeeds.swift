internal import SMGBase

/// The symbols that merging begins with: one for each byte or character of a piece. Immutable after `init`.
final class SymbolSeeds: @unchecked Sendable {
    // SAFETY (@unchecked Sendable): nothing is written after `init`.

    /// A byte that has no token.
    private static let missing = UInt32.max

    private let vocabulary: Vocabulary
    private let options: BytePairModel.Options
    /// The symbol of each byte, where symbols are bytes and nothing but merging is asked for.
    private let bytes: UnsafeMutablePointer<UInt32>
    /// Whether `bytes` is all that is needed.
    private let isPlain: Bool
    private let hasAllBytes: Bool
    /// `<0xNN>` tokens by byte, `missing` where there is none.
    let fallback: [UInt32]

    init(_ vocabulary: Vocabulary, _ options: BytePairModel.Options) {
        self.vocabulary = vocabulary
        self.options = options
        bytes = .allocate(capacity: 256)
        bytes.initialize(repeating: Self.missing, count: 256)
        var all = true
        for byte in UInt8.min...UInt8.max where options.alphabet != .characters {
            var spelling: [UInt8] = []
            if options.alphabet == .bytes {
                spelling = [byte]
            } else {
                withUnsafeBytes(of: byte) { ByteAlphabet.shared.encode($0, into: &spelling) }
            }
            if let id = spelling.withUnsafeBytes({ vocabulary.id(of: $0) }) {
                bytes[Int(byte)] = id
            } else {
                all = false
            }
        }
        hasAllBytes = all
        let isBare = options.continuingPrefix.isEmpty && options.endOfWordSuffix.isEmpty
        isPlain =
            options.alphabet != .characters && isBare && (all || options.unknown == nil && !options.fallsBackToBytes)
        var fallback = [UInt32](repeating: Self.missing, count: 256)
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in 0..<256 where options.fallsBackToBytes {
            let spelling = Array("<0x".utf8) + [digits[byte >> 4], digits[byte & 15]] + Array(">".utf8)
            fallback[byte] = spelling.withUnsafeBytes { vocabulary.id(of: $0) } ?? Self.missing
        }
        self.fallback = fallback
    }

    deinit { bytes.deallocate() }

    /// Fills `scratch` with the symbols of `piece`.
    func fill(_ scratch: MergeScratch, _ piece: UnsafeRawBufferPointer) {
        scratch.reset(piece.count)
        guard isPlain else { return fillCharacters(scratch, piece) }
        let symbols = scratch.symbols
        if hasAllBytes {
            for i in 0..<piece.count { symbols[i] = bytes[Int(piece[i])] }
            scratch.count = piece.count
            return
        }
        // Bytes without a token vanish, and their neighbours meet.
        var count = 0
        for i in 0..<piece.count where bytes[Int(piece[i])] != Self.missing {
            symbols[count] = bytes[Int(piece[i])]
            count += 1
        }
        scratch.count = count
    }

    private func fillCharacters(_ scratch: MergeScratch, _ piece: UnsafeRawBufferPointer) {
        if options.alphabet == .characters { return fillSpelled(scratch, piece) }
        var spelling: [UInt8] = []
        if options.alphabet == .bytes {
            spelling = Array(piece)
        } else {
            ByteAlphabet.shared.encode(piece, into: &spelling)
        }
        spelling.withUnsafeBytes { fillSpelled(scratch, $0) }
    }

    /// Character by character: a token, or bytes, or unknown.
    private func fillSpelled(_ scratch: MergeScratch, _ piece: UnsafeRawBufferPointer) {
        guard let base = piece.baseAddress else { return }
        let isBare = options.continuingPrefix.isEmpty && options.endOfWordSuffix.isEmpty
        var text: [UInt8] = []
        var hasUnknown = false
        var at = 0
        while at < piece.count {
            let length = UTF8Text.decode(base, at: at, count: piece.count).length
            var character = UnsafeRawBufferPointer(start: base + at, count: length)
            if isBare {
                fill(scratch, character, &hasUnknown)
            } else {
                text.removeAll(keepingCapacity: true)
                if at > 0 { text += options.continuingPrefix }
                text += character
                if at + length == piece.count { text += options.endOfWordSuffix }
                text.withUnsafeBytes {
                    character = $0
                    fill(scratch, character, &hasUnknown)
                }
            }
            at += length
        }
        if hasUnknown, let unknown = options.unknown { scratch.append(unknown) }
    }

    /// Appends what stands for one character. An unknown one waits, since the next may belong to it.
    @inline(__always)
    private func fill(_ scratch: MergeScratch, _ character: UnsafeRawBufferPointer, _ hasUnknown: inout Bool) {
        if let id = vocabulary.id(of: character) {
            if hasUnknown, let unknown = options.unknown { scratch.append(unknown) }
            hasUnknown = false
            return scratch.append(id)
        }
        // The reference leaves a waiting unknown where it is when bytes come: it follows them.
        if options.fallsBackToBytes, character.allSatisfy({ fallback[Int($0)] != Self.missing }) {
            for byte in character { scratch.append(fallback[Int(byte)]) }
            return
        }
        guard let unknown = options.unknown else { return }
        if hasUnknown, !options.fusesUnknown { scratch.append(unknown) }
        hasUnknown = true
    }
}
