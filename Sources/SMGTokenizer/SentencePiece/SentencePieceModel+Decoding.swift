package import SMGBase

extension SentencePieceModel {
    /// Where the decoding of one sequence stands.
    package struct DecodeState: Sendable {
        /// Bytes of byte pieces that may still become a character: the first in the lowest bits.
        fileprivate var held: UInt32 = 0
        fileprivate var heldCount = 0
        /// Whether a space at the front of the next piece is to be dropped.
        fileprivate var isAtStart = true
        /// Whether there is text.
        fileprivate var hasText = false

        package init() {}
    }

    /// Appends the text of `ids` to `text`: always valid UTF-8. Control pieces have none. Fails with `unknownToken` for
    /// an id that is none, with the text before it appended.
    package func decode(
        _ ids: UnsafeBufferPointer<UInt32>, into text: ByteBuffer
    ) throws(TokenizerError) {
        var state = DecodeState()
        for id in ids { try step(id, &state, into: text) }
        finish(&state, into: text)
    }

    /// Appends the text that is certain after `id`. The concatenation of all that was appended up to and including
    /// `finish` equals `decode`.
    package func step(
        _ id: UInt32, _ state: inout DecodeState, into text: ByteBuffer
    ) throws(TokenizerError) {
        guard let kind = kind(id), let piece = vocabulary.token(id) else {
            throw TokenizerError(.unknownToken, "token \(id) is none of the model's \(kinds.count)")
        }
        if kind == .byte {
            if let byte = BytePieces.byte(piece) { hold(byte, &state, text) }
            return
        }
        release(&state, text)
        if state.hasText { state.isAtStart = false }
        if kind == .control { return }
        let before = text.writerIndex
        var dropped = false
        if kind == .unknown {
            unknownSurface.withUnsafeBytes { text.append($0) }
        } else {
            dropped = state.isAtStart && dropsLeadingSpace && piece.hasPrefix(SentencePieceNormalizer.spaceSymbol)
            let size = SentencePieceNormalizer.spaceSymbol.utf8CodeUnitCount
            appendUnescaped(dropped ? piece.slice(size..<piece.count) : piece, text)
        }
        if text.writerIndex > before { state.hasText = true }
        if state.hasText || (dropped && !dropsLeadingSpaces) { state.isAtStart = false }
    }

    /// Appends what was held back, bytes of incomplete characters as U+FFFD each. The state is then as new.
    package func finish(_ state: inout DecodeState, into text: ByteBuffer) {
        release(&state, text)
        state = DecodeState()
    }

    private func appendUnescaped(_ piece: UnsafeRawBufferPointer, _ text: ByteBuffer) {
        var at = 0
        while at < piece.count {
            if piece[at] == 0xe2, piece.slice(at..<piece.count).hasPrefix(SentencePieceNormalizer.spaceSymbol) {
                text.append(0x20)
                at += 3
            } else {
                text.append(piece[at])
                at += 1
            }
        }
    }

    private func hold(_ byte: UInt8, _ state: inout DecodeState, _ text: ByteBuffer) {
        state.held |= UInt32(byte) << UInt32(8 * state.heldCount)
        state.heldCount += 1
        tell(&state, text, isComplete: false)
    }

    private func release(_ state: inout DecodeState, _ text: ByteBuffer) {
        if state.heldCount > 0 { tell(&state, text, isComplete: true) }
    }

    /// Appends what is certain of the held bytes; all of them when no more come.
    private func tell(_ state: inout DecodeState, _ text: ByteBuffer, isComplete: Bool) {
        while state.heldCount > 0 {
            var bytes = state.held.littleEndian
            let length = withUnsafeBytes(of: &bytes) { bytes in
                let held = bytes.slice(0..<state.heldCount)
                let length = SentencePieceText.characterLength(held)
                if length > 0 { text.append(held.slice(0..<length)) }
                return length
            }
            if length == 0 {
                if !isComplete, state.heldCount < UTF8Scan.length(UInt8(truncatingIfNeeded: state.held)) { return }
                text.append("\u{fffd}")
            }
            state.hasText = true
            let used = max(length, 1)
            state.held = used == 4 ? 0 : state.held >> UInt32(8 * used)
            state.heldCount -= used
        }
    }
}
