internal import SMGBase

/// How SentencePiece tells what is no piece: in bytes, or as one unknown piece for a run.
struct UnknownPieces: Sendable {
    /// Id of the unknown piece.
    let id: UInt32
    /// Ids of the byte pieces, when the model falls back to them.
    let bytes: [UInt32]?

    /// Whether the last piece was unknown.
    struct Run {
        var isOpen = false
    }

    /// Appends `piece`, which stands for `text`.
    @inline(__always)
    func append(_ piece: UInt32, _ text: UnsafeRawBufferPointer, _ run: inout Run, _ ids: TokenBuffer) {
        if piece != id {
            ids.append(piece)
            run.isOpen = false
        } else if let bytes {
            for byte in text { ids.append(bytes[Int(byte)]) }
        } else {
            if !run.isOpen { ids.append(piece) }
            run.isOpen = true
        }
    }

    /// Joins what was appended since `start` with what came before it: of a run that goes on, one unknown piece stays.
    @inline(__always)
    func join(_ start: Int, _ run: inout Run, _ ids: TokenBuffer) {
        guard ids.count > start else { return }
        let endsUnknown = bytes == nil && ids.base[ids.count &- 1] == id
        if run.isOpen, ids.base[start] == id {
            var at = start
            while at &+ 1 < ids.count {
                ids.base[at] = ids.base[at &+ 1]
                at &+= 1
            }
            ids.count &-= 1
        }
        run.isOpen = endsUnknown
    }
}
