internal import SMGBase

/// What one step of a chain remembers of one sequence.
struct DecodeState: Sendable {
    /// How tokens reach the step.
    enum Mode: Sendable {
        /// One by one.
        case tokens
        /// As stretches of the one token that an earlier step made of all; never cut inside a character.
        case text
        /// The same, kept until the end: what the step does needs all of it.
        case wholeText
    }

    let mode: Mode
    /// Tokens that came in; only none or some matters.
    var hasBegun = false
    /// Whether `held` is a token that waits for the next one (it may be empty).
    var holdsToken = false
    /// Bytes that wait.
    var held: [UInt8] = []
    /// What was stripped so far.
    var stripped = 0
    var repair = LossyUTF8()

    var isHolding: Bool { !held.isEmpty || repair.isHolding }

    /// The states at the start of a sequence.
    static func initial(_ steps: [DecodeStep]) -> [DecodeState] {
        var isFused = false
        return steps.map { step in
            var mode = Mode.tokens
            if isFused {
                switch step {
                case .replace(.text, _), .metaspace, .strip, .fuse: mode = .text
                default: mode = .wholeText
                }
            }
            switch step {
            case .fuse, .byteLevel: isFused = true
            default: break
            }
            return DecodeState(mode: mode)
        }
    }
}

/// Sends tokens through steps.
struct DecodeChain {
    let steps: [DecodeStep]
    let out: ByteBuffer

    private static let replacement: [UInt8] = [0xef, 0xbf, 0xbd]

    /// Gives a token, or a stretch of the one token there is, to step `i`.
    mutating func feed(_ token: UnsafeRawBufferPointer, _ i: Int, _ states: inout [DecodeState]) throws(TokenizerError)
    {
        guard i < steps.count else { return out.append(token) }
        switch states[i].mode {
        case .tokens: try feedToken(token, i, &states)
        case .text: try DecodedText.feed(token, i, &self, &states)
        case .wholeText: states[i].held.append(contentsOf: token)
        }
    }

    mutating func feed(_ token: [UInt8], _ i: Int, _ states: inout [DecodeState]) throws(TokenizerError) {
        try token.withBytes { bytes throws(TokenizerError) in try feed(bytes, i, &states) }
    }

    private mutating func feedToken(
        _ token: UnsafeRawBufferPointer, _ i: Int, _ states: inout [DecodeState]
    ) throws(TokenizerError) {
        let isFirst = !states[i].hasBegun
        states[i].hasBegun = true
        switch steps[i] {
        case .fuse: try feed(token, i + 1, &states)
        case .byteLevel: try feedByteLevel(token, i, &states)
        case .byteFallback:
            if let byte = BytePieceText.byte(token) {
                states[i].held.append(byte)
            } else {
                try flushBytes(i, &states)
                try feed(token, i + 1, &states)
            }
        case .wordSuffix(let suffix):
            if states[i].holdsToken {
                let text = try states[i].held.withBytes { held throws(TokenizerError) in
                    try suffix.replaced(in: held, with: [0x20], PatternScratch())
                }
                try feed(text, i + 1, &states)
            }
            states[i].holdsToken = true
            states[i].held = Array(token)
        case .ctc:
            if states[i].holdsToken, states[i].held.elementsEqual(token) { return }
            states[i].holdsToken = true
            states[i].held = Array(token)
            try feedCTC(token, i, &states)
        case .metaspace, .replace, .strip, .wordPiece, .spaced:
            try feed(try steps[i].transform(token, isFirst: isFirst, PatternScratch()), i + 1, &states)
        }
    }

    private mutating func feedByteLevel(
        _ token: UnsafeRawBufferPointer, _ i: Int, _ states: inout [DecodeState]
    ) throws(TokenizerError) {
        let bytes = ByteBuffer(capacity: token.count)
        ByteLevelText.append(token, to: bytes)
        let text = ByteBuffer(capacity: bytes.readableCount + 4)
        states[i].repair.append(bytes.readable, into: text)
        try feed(text.readable, i + 1, &states)
    }

    private mutating func feedCTC(
        _ token: UnsafeRawBufferPointer, _ i: Int, _ states: inout [DecodeState]
    ) throws(TokenizerError) {
        guard case .ctc(let pad, let delimiter, let cleanup) = steps[i] else { return }
        var text = TextEdit.replacing(pad, in: token, with: [])
        if cleanup {
            text = try TextEdit.cleaned(text).withBytes { bytes throws(TokenizerError) in
                try delimiter.replaced(in: bytes, with: [0x20], PatternScratch())
            }
        }
        if !text.isEmpty { try feed(text, i + 1, &states) }
    }

    /// Ends a run of byte tokens: its text, or U+FFFD for each when they are none.
    private mutating func flushBytes(_ i: Int, _ states: inout [DecodeState]) throws(TokenizerError) {
        if states[i].held.isEmpty { return }
        var run: [UInt8] = []
        swap(&run, &states[i].held)
        let isText = run.withUnsafeBytes {
            UTF8Text.wellFormedEnd($0.baseAddress!, from: 0, count: $0.count) == $0.count
        }
        if isText {
            try feed(run, i + 1, &states)
        } else {
            for _ in run { try feed(Self.replacement, i + 1, &states) }
        }
    }

    /// Ends the sequence: every step gives what it holds to the next.
    mutating func finish(_ states: inout [DecodeState]) throws(TokenizerError) {
        for i in steps.indices {
            switch states[i].mode {
            case .tokens: try finishTokens(i, &states)
            case .text: try DecodedText.finish(i, &self, &states)
            case .wholeText: try finishWholeText(i, &states)
            }
        }
    }

    private mutating func finishTokens(_ i: Int, _ states: inout [DecodeState]) throws(TokenizerError) {
        switch steps[i] {
        case .byteFallback: try flushBytes(i, &states)
        case .byteLevel:
            let text = ByteBuffer(capacity: 4)
            states[i].repair.finish(into: text)
            try feed(text.readable, i + 1, &states)
        case .wordSuffix(let suffix):
            guard states[i].holdsToken else { return }
            let text = try states[i].held.withBytes { held throws(TokenizerError) in
                try suffix.replaced(in: held, with: [], PatternScratch())
            }
            try feed(text, i + 1, &states)
        default: break
        }
    }

    /// The one token goes through the step as a sequence of its own.
    private mutating func finishWholeText(_ i: Int, _ states: inout [DecodeState]) throws(TokenizerError) {
        let collected = ByteBuffer(capacity: states[i].held.count)
        var own = DecodeChain(steps: [steps[i]], out: collected)
        var ownStates = [DecodeState(mode: .tokens)]
        try own.feed(states[i].held, 0, &ownStates)
        try own.finishTokens(0, &ownStates)
        try feed(collected.readable, i + 1, &states)
    }
}

/// The spelling of byte tokens.
enum BytePieceText {
    /// The byte of a token such as `<0x0A>`. Like the reference's number reader it takes a sign for the first digit.
    @inline(__always)
    static func byte(_ token: UnsafeRawBufferPointer) -> UInt8? {
        guard token.count == 6, token[0] == UInt8(ascii: "<"), token[1] == UInt8(ascii: "0"),
            token[2] == UInt8(ascii: "x"), token[5] == UInt8(ascii: ">"), let low = ASCII.hexValue(token[4])
        else { return nil }
        if token[3] == UInt8(ascii: "+") { return UInt8(low) }
        guard let high = ASCII.hexValue(token[3]) else { return nil }
        return UInt8(high << 4 | low)
    }
}
