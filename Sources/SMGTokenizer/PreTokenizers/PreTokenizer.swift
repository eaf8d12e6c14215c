internal import SMGBase
internal import SMGUnicode

/// The pre-tokenizer of a tokenizer.json: its components in order, nested sequences taken apart.
struct PreTokenizer: Sendable {
    /// When `Metaspace` puts its character in front.
    enum PrependScheme: String, Sendable {
        case always
        case first
        case never
    }

    /// One component.
    enum Step: Sendable {
        /// A space in front of every piece that does not begin with one.
        case prefixSpace
        /// Spells bytes in the byte alphabet.
        case spell
        case split(TextPattern, SplitBehavior, inverts: Bool)
        /// Every match of a known pattern, which covers all of a text, is a piece.
        case scan(PieceScanner)
        case metaspace(replacement: [UInt8], PrependScheme, splits: Bool)
        /// Runs of word characters and runs of other characters, without white space.
        case whitespace
        case whitespaceSplit
        /// Words and single punctuation characters.
        case bert
        case punctuation(SplitBehavior)
        case digits(individual: Bool)
        case unicodeScripts
        case characterDelimiter([UInt8])
        /// Pieces of so many characters.
        case fixedLength(Int)
    }

    private(set) var steps: [Step]

    init(steps: [Step]) { self.steps = steps }

    /// Whether the last thing that happens is spelling bytes in the byte alphabet.
    var endsSpelling: Bool {
        if case .spell? = steps.last { return true }
        return false
    }

    /// The same without the spelling at the end, for a model that takes the bytes themselves.
    var withoutSpelling: PreTokenizer { endsSpelling ? PreTokenizer(steps: steps.dropLast()) : self }

    /// The scanner that is all there is.
    var onlyScanner: PieceScanner? {
        if steps.isEmpty { return .whole }
        guard steps.count == 1, case .scan(let scanner) = steps[0] else { return nil }
        return scanner
    }

    /// Cuts and rewrites `list`.
    func run(_ list: PieceList, _ scratch: PatternScratch) throws(TokenizerError) {
        for step in steps { try step.run(list, scratch) }
    }
}

extension PreTokenizer.Step {
    func run(_ list: PieceList, _ scratch: PatternScratch) throws(TokenizerError) {
        switch self {
        case .prefixSpace: try Self.addPrefixSpaces(list)
        case .spell: try list.rewriteEach { CharacterEdits.spell($0, into: $2) }
        case .scan(let scanner):
            try list.cutEach { piece, report in
                scanner.forEachPiece(piece) { report($0.lowerBound, $0.upperBound) }
            }
        case .split(let pattern, let behavior, let inverts):
            try Self.split(list, pattern, behavior, inverts, scratch)
        case .metaspace(let replacement, let scheme, let splits):
            try list.rewriteEach { Self.metaspace($0, $1, $2, replacement, scheme) }
            if splits { try Self.cut(list, before: replacement) }
        case .whitespace: try list.cutEach { WordCutter.whitespace($0, $1) }
        case .whitespaceSplit: try list.cutEach { WordCutter.whitespaceSplit($0, $1) }
        case .bert: try list.cutEach { WordCutter.bert($0, $1) }
        case .punctuation(let behavior): try Self.split(list, behavior) { ScalarKinds.isPunctuation($0) }
        case .digits(let individual):
            try Self.split(list, individual ? .isolated : .contiguous) { ScalarKinds.isNumeric($0) }
        case .unicodeScripts: try list.cutEach { WordCutter.scripts($0, $1) }
        case .characterDelimiter(let delimiter): try Self.split(list, .text(delimiter), .removed, false, scratch)
        case .fixedLength(let length): try list.cutEach { WordCutter.fixedLength($0, length, $1) }
        }
    }

    private static func split(
        _ list: PieceList, _ pattern: TextPattern, _ behavior: SplitBehavior, _ inverts: Bool, _ scratch: PatternScratch
    ) throws(TokenizerError) {
        var stretches: [TextPattern.Stretch] = []
        swap(&stretches, &list.stretches)
        defer { swap(&stretches, &list.stretches) }
        try list.cutEach { (piece, report) throws(TokenizerError) in
            try pattern.divide(piece, scratch, into: &stretches)
            behavior.pieces(&stretches, inverts: inverts, report)
        }
    }

    /// Begins a piece at every `mark`, which is one character.
    private static func cut(_ list: PieceList, before mark: [UInt8]) throws(TokenizerError) {
        try mark.withBytes { mark throws(TokenizerError) in
            let first = mark[0]
            try list.cutEach { piece, report in
                var start = 0
                var at = 0
                while at &+ mark.count <= piece.count {
                    guard piece[at] == first, mark.count == 1 || piece.slice(at..<at + mark.count).elementsEqual(mark)
                    else {
                        at &+= 1
                        continue
                    }
                    report(start, at)
                    start = at
                    at &+= mark.count
                }
                report(start, piece.count)
            }
        }
    }

    /// Splits where single characters match.
    @inline(__always)
    private static func split(
        _ list: PieceList, _ behavior: SplitBehavior, _ matches: (UInt32) -> Bool
    ) throws(TokenizerError) {
        var stretches: [TextPattern.Stretch] = []
        swap(&stretches, &list.stretches)
        defer { swap(&stretches, &list.stretches) }
        try list.cutEach { (piece, report) throws(TokenizerError) in
            stretches.removeAll(keepingCapacity: true)
            var at = 0
            var plain = 0
            while at < piece.count {
                let decoded = Scalars.at(piece, at)
                let end = at + decoded.length
                if matches(decoded.scalar) {
                    if at > plain { stretches.append(TextPattern.Stretch(start: plain, end: at, isMatch: false)) }
                    stretches.append(TextPattern.Stretch(start: at, end: end, isMatch: true))
                    plain = end
                }
                at = end
            }
            if at > plain { stretches.append(TextPattern.Stretch(start: plain, end: at, isMatch: false)) }
            behavior.pieces(&stretches, inverts: false, report)
        }
    }

    private static func addPrefixSpaces(_ list: PieceList) throws(TokenizerError) {
        if list.pieces.allSatisfy({ list.text[$0.start] == 0x20 }) { return }
        try list.rewriteEach { piece, _, out in
            if piece.first != 0x20 { out.append(0x20) }
            out.append(piece)
        }
    }

    private static func metaspace(
        _ piece: UnsafeRawBufferPointer, _ beginsSource: Bool, _ out: ByteBuffer, _ replacement: [UInt8],
        _ scheme: PreTokenizer.PrependScheme
    ) {
        replacement.withUnsafeBytes { replacement in
            let isMarked = piece.first == 0x20 || piece.starts(with: replacement)
            if !isMarked, scheme == .always || scheme == .first && beginsSource { out.append(replacement) }
            var at = 0
            while let hit = piece.firstIndex(of: 0x20, from: at) {
                out.append(piece.slice(at..<hit))
                out.append(replacement)
                at = hit + 1
            }
            out.append(piece.slice(at..<piece.count))
        }
    }
}
