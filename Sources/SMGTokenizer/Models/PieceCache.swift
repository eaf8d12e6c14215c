internal import SMGBase

/// Ids of pieces seen before: bytes to ids, open addressing, bounded. When it is full it starts over, so that it needs no
/// book of ages.
///
/// Belongs to one thread at a time (it is part of a scratch).
final class PieceCache {
    /// Pieces above this are not kept: they rarely come again.
    static let maximumPieceBytes = 128
    /// Places of the table; half of them are used at most.
    private static let places = 1 << 15
    /// Bytes of keys and ids that are kept.
    private static let arenaBytes = 1 << 20

    /// One piece: where its bytes, followed by its ids (unaligned), are in the arena.
    private struct Place {
        /// Hash of the bytes with the lowest bit set; 0 for a free place.
        var tag: UInt32
        var offset: UInt32
        var byteCount: UInt32
        var idCount: UInt32
    }

    private let places: UnsafeMutablePointer<Place>
    private let arena: UnsafeMutableRawPointer
    private var used = 0
    private var arenaUsed = 0

    init() {
        places = .allocate(capacity: Self.places)
        places.initialize(repeating: Place(tag: 0, offset: 0, byteCount: 0, idCount: 0), count: Self.places)
        arena = .allocate(byteCount: Self.arenaBytes, alignment: 16)
    }

    deinit {
        places.deallocate()
        arena.deallocate()
    }

    /// Hash of a piece, for `find` and `insert`.
    @inline(__always)
    static func hash(_ piece: UnsafeRawBufferPointer) -> UInt64 { ByteHash.hash(piece) }

    /// Appends the ids of `piece` to `ids`; false when it is not here.
    @inline(__always)
    func find(_ piece: UnsafeRawBufferPointer, _ hash: UInt64, into ids: TokenBuffer) -> Bool {
        let tag = UInt32(truncatingIfNeeded: hash >> 32) | 1
        var at = Int(truncatingIfNeeded: hash) & (Self.places &- 1)
        while places[at].tag != 0 {
            let place = places[at]
            if place.tag == tag, Int(place.byteCount) == piece.count {
                let key = arena + Int(place.offset)
                if Self.isEqual(key, piece) {
                    copy(key + piece.count, Int(place.idCount), ids)
                    return true
                }
            }
            at = (at &+ 1) & (Self.places &- 1)
        }
        return false
    }

    /// Keeps `ids` for `piece`, which `find` did not find.
    func insert(_ piece: UnsafeRawBufferPointer, _ hash: UInt64, _ ids: UnsafeBufferPointer<UInt32>) {
        let size = piece.count + 4 * ids.count
        guard let bytes = piece.baseAddress, piece.count <= Self.maximumPieceBytes else { return }
        if used * 2 >= Self.places || arenaUsed + size > Self.arenaBytes { clear() }
        guard size <= Self.arenaBytes else { return }
        var at = Int(truncatingIfNeeded: hash) & (Self.places &- 1)
        while places[at].tag != 0 { at = (at &+ 1) & (Self.places &- 1) }
        places[at] = Place(
            tag: UInt32(truncatingIfNeeded: hash >> 32) | 1, offset: UInt32(arenaUsed),
            byteCount: UInt32(piece.count), idCount: UInt32(ids.count))
        let key = arena + arenaUsed
        key.copyMemory(from: bytes, byteCount: piece.count)
        if let base = ids.baseAddress { (key + piece.count).copyMemory(from: base, byteCount: 4 * ids.count) }
        used += 1
        arenaUsed += size
    }

    private func clear() {
        places.update(repeating: Place(tag: 0, offset: 0, byteCount: 0, idCount: 0), count: Self.places)
        used = 0
        arenaUsed = 0
    }

    @inline(__always)
    private func copy(_ source: UnsafeMutableRawPointer, _ count: Int, _ ids: TokenBuffer) {
        ids.reserve(count)
        let target = ids.base + ids.count
        // Most pieces have one or two ids: a loop beats a call.
        var i = 0
        while i < count {
            target[i] = source.loadUnaligned(fromByteOffset: 4 &* i, as: UInt32.self)
            i &+= 1
        }
        ids.count &+= count
    }

    @inline(__always)
    private static func isEqual(_ key: UnsafeMutableRawPointer, _ piece: UnsafeRawBufferPointer) -> Bool {
        guard let bytes = piece.baseAddress else { return true }
        var at = 0
        while at &+ 8 <= piece.count {
            if key.loadUnaligned(fromByteOffset: at, as: UInt64.self)
                != bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)
            {
                return false
            }
            at &+= 8
        }
        while at < piece.count {
            if key.load(fromByteOffset: at, as: UInt8.self) != bytes.load(fromByteOffset: at, as: UInt8.self) {
                return false
            }
            at &+= 1
        }
        return true
    }
}
