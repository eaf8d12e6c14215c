internal import SMGBase

/// A text cut into pieces: what pre-tokenizers work on. Belongs to one thread at a time.
///
/// Steps that change the text write all pieces to a second buffer, one behind the other; the two then change places.
final class PieceList {
    /// One piece: a range of `text`.
    struct Piece: Equatable {
        var start: Int
        var end: Int
    }

    /// What the pieces are ranges of. Valid until the next change.
    private(set) var text = UnsafeRawBufferPointer(start: nil, count: 0)
    var pieces: [Piece] = []
    /// Whether the first piece begins where the source text begins.
    private(set) var beginsSource = false

    /// Results of a step that is under way.
    private var next: [Piece] = []
    private var buffers = (ByteBuffer(capacity: 256), ByteBuffer(capacity: 256))
    /// Stretches of the piece that is being cut.
    var stretches: [TextPattern.Stretch] = []

    /// Starts over with one piece, `text`, which must stay valid.
    func reset(_ text: UnsafeRawBufferPointer, beginsSource: Bool) {
        self.text = text
        self.beginsSource = beginsSource
        pieces.removeAll(keepingCapacity: true)
        if !text.isEmpty { pieces.append(Piece(start: 0, end: text.count)) }
    }

    func bytes(_ piece: Piece) -> UnsafeRawBufferPointer { text.slice(piece.start..<piece.end) }

    /// Replaces every piece by those that `cut` reports for it, as ranges of the piece in ascending order. Empty ones
    /// are left out.
    @inline(__always)
    func cutEach(
        _ cut: (UnsafeRawBufferPointer, _ report: (Int, Int) -> Void) throws(TokenizerError) -> Void
    ) throws(TokenizerError) {
        next.removeAll(keepingCapacity: true)
        let oldStart = pieces.first?.start
        for piece in pieces {
            try cut(bytes(piece)) { start, end in
                if end > start { next.append(Piece(start: piece.start + start, end: piece.start + end)) }
            }
        }
        swap(&pieces, &next)
        // A first piece that lost its start does not begin the source any more.
        if let first = pieces.first, first.start != oldStart { beginsSource = false }
    }

    /// Replaces the text of every piece by what `edit` appends to the buffer for it. `edit` gets the piece and whether it
    /// begins the source.
    /// - Throws: `limit` when the text grows beyond `TokenizerLimits.textBytes`.
    @inline(__always)
    func rewriteEach(_ edit: (UnsafeRawBufferPointer, Bool, ByteBuffer) -> Void) throws(TokenizerError) {
        let out = buffers.0
        out.clear()
        for i in pieces.indices {
            let start = out.writerIndex
            edit(bytes(pieces[i]), beginsSource && i == 0, out)
            guard out.writerIndex <= TokenizerLimits.textBytes else {
                throw TokenizerError(.limit, "a pre-tokenised text has more than \(TokenizerLimits.textBytes) bytes")
            }
            pieces[i] = Piece(start: start, end: out.writerIndex)
        }
        buffers = (buffers.1, out)
        text = out.readable
    }
}
