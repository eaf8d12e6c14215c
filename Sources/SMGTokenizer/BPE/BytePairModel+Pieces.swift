internal import SMGBase

/// The inner loop: pieces to ids, from memory where they were seen.
extension BytePairModel {
    /// Appends the ids of `pieces` pieces of the text at `base`; the first begins at `start`, each ends where the next
    /// begins. The text has `count` bytes.
    func encodePieces(
        _ base: UnsafeRawPointer, from start: Int, ends: UnsafePointer<UInt32>, _ pieces: Int, count: Int,
        _ ids: TokenBuffer, _ scratch: BytePairScratch
    ) {
        // A hit writes four words, whatever it has: room for those of every piece is made at once.
        let room = (pieces &+ 1) &* EncodedPieces.inlineIDs
        ids.reserve(room)
        var out = ids.base + ids.count
        var at = start
        for i in 0..<pieces {
            let end = Int(ends[i])
            let length = end &- at
            if length <= PieceKey.longest, at &+ 16 <= count {
                let key = PieceKey(readable: base + at, count: length)
                let hash = key.hash
                let line = scratch.pieces.line(hash)
                if line[0].key == key {
                    let found = line[0].ids
                    UnsafeMutableRawPointer(out).storeBytes(of: found & EncodedPieces.idMask, as: SIMD4<UInt32>.self)
                    out += Int(found[3] &>> 24)
                    at = end
                    continue
                }
                if line[1].key == key {
                    let found = line[1].ids
                    UnsafeMutableRawPointer(out).storeBytes(of: found & EncodedPieces.idMask, as: SIMD4<UInt32>.self)
                    out += Int(found[3] &>> 24)
                    at = end
                    continue
                }
                ids.count = out - ids.base
                encodeNew(key, hash, UnsafeRawBufferPointer(start: base + at, count: length), ids, scratch)
            } else {
                ids.count = out - ids.base
                let piece = UnsafeRawBufferPointer(start: base + at, count: length)
                if length <= PieceKey.longest {
                    encodeLast(piece, ids, scratch)
                } else {
                    encodeLong(piece, ids, scratch)
                }
            }
            ids.reserve(room)
            out = ids.base + ids.count
            at = end
        }
        ids.count = out - ids.base
    }

    /// A short piece that is not in the cache.
    @inline(never)
    private func encodeNew(
        _ key: PieceKey, _ hash: UInt64, _ piece: UnsafeRawBufferPointer, _ ids: TokenBuffer, _ scratch: BytePairScratch
    ) {
        let first = ids.count
        if piece.count <= WholePieces.longestShort {
            if let id = whole.id(key, hash: hash) {
                ids.append(id)
                scratch.pieces.insert(key, UnsafeBufferPointer(rebasing: ids.ids[first...]))
                return
            }
        } else if let id = whole.id(long: piece, hash: ByteHash.hash(piece)) {
            ids.append(id)
            scratch.pieces.insert(key, UnsafeBufferPointer(rebasing: ids.ids[first...]))
            return
        }
        merge(piece, ids, scratch)
        let new = UnsafeBufferPointer(rebasing: ids.ids[first...])
        // Pieces of more ids are rare and short: merging them again costs less than a second table.
        if new.count >= 1, new.count <= EncodedPieces.inlineIDs { scratch.pieces.insert(key, new) }
    }

    /// A short piece near the end of the text, where 16 bytes are not readable.
    @inline(never)
    private func encodeLast(_ piece: UnsafeRawBufferPointer, _ ids: TokenBuffer, _ scratch: BytePairScratch) {
        guard !piece.isEmpty else { return }
        let key = PieceKey(piece)
        let hash = key.hash
        let line = scratch.pieces.line(hash)
        for i in 0..<2 where line[i].key == key {
            let found = line[i].ids
            for j in 0..<Int(found[3] >> 24) { ids.append((found & EncodedPieces.idMask)[j]) }
            return
        }
        encodeNew(key, hash, piece, ids, scratch)
    }

    /// A piece of more than 15 bytes.
    @inline(never)
    private func encodeLong(_ piece: UnsafeRawBufferPointer, _ ids: TokenBuffer, _ scratch: BytePairScratch) {
        guard piece.count <= LongPieces.longestPiece else {
            if let id = whole.id(long: piece, hash: ByteHash.hash(piece)) { return ids.append(id) }
            return merge(piece, ids, scratch)
        }
        let hash = ByteHash.hash(piece)
        if let known = scratch.pieces.long.ids(piece, hash: hash) { return ids.append(known) }
        let first = ids.count
        if let id = whole.id(long: piece, hash: hash) {
            ids.append(id)
        } else {
            merge(piece, ids, scratch)
        }
        scratch.pieces.long.insert(piece, hash: hash, UnsafeBufferPointer(rebasing: ids.ids[first...]))
    }

    private func merge(_ piece: UnsafeRawBufferPointer, _ ids: TokenBuffer, _ scratch: BytePairScratch) {
        seeds.fill(scratch.merge, piece)
        rules.apply(scratch.merge)
        ids.append(UnsafeBufferPointer(start: scratch.merge.symbols, count: scratch.merge.count))
    }
}
