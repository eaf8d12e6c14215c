internal import SMGBase

/// A member of a dictionary.
struct DictEntry {
    var key: Value
    var value: Value
}

/// A dictionary in insertion order. One that came in as JSON is read when it is first touched.
struct DictStorage {
    var entries: UnsafeMutablePointer<DictEntry>?
    var count: Int
    var capacity: Int
    /// Positions by hash, plus one, in open addressing; only for more than `linearCount` members.
    var table: UnsafeMutablePointer<UInt32>?
    /// Slots of `table` minus one; a power of two minus one.
    var mask: Int
    /// The object's bytes until it is read.
    var json: UnsafeRawPointer?
    var jsonCount: Int

    static var empty: DictStorage {
        DictStorage(entries: nil, count: 0, capacity: 0, table: nil, mask: 0, json: nil, jsonCount: 0)
    }

    /// Up to here, comparing keys one by one is faster than hashing.
    static let linearCount = 8
}

/// The hashes of dictionary keys start from a number nobody outside can know.
private let hashSeed: UInt64 = {
    var random = FastRandom()
    return random.next()
}()

extension Renderer {
    /// An empty dictionary with room for `capacity` members.
    func newDict(capacity: Int) throws(Stop) -> UnsafeMutablePointer<DictStorage> {
        let dict = try make(DictStorage.empty)
        if capacity > 0 { try grow(dict, to: capacity) }
        return dict
    }

    private func grow(_ dict: UnsafeMutablePointer<DictStorage>, to capacity: Int) throws(Stop) {
        guard let memory = arena.allocate(capacity * MemoryLayout<DictEntry>.stride) else { throw outOfMemory() }
        let entries = memory.bindMemory(to: DictEntry.self, capacity: capacity)
        if let old = dict.pointee.entries { entries.initialize(from: old, count: dict.pointee.count) }
        dict.pointee.entries = entries
        dict.pointee.capacity = capacity
        guard capacity > DictStorage.linearCount else { return }
        // At most half full.
        let slots = 1 << (Int.bitWidth - (capacity * 2 - 1).leadingZeroBitCount)
        guard let memory = arena.allocate(slots * MemoryLayout<UInt32>.stride) else { throw outOfMemory() }
        let table = memory.bindMemory(to: UInt32.self, capacity: slots)
        table.initialize(repeating: 0, count: slots)
        dict.pointee.table = table
        dict.pointee.mask = slots - 1
        for position in 0..<dict.pointee.count {
            var slot = Int(truncatingIfNeeded: try hash(entries[position].key)) & (slots - 1)
            while table[slot] != 0 { slot = (slot &+ 1) & (slots - 1) }
            table[slot] = UInt32(truncatingIfNeeded: position + 1)
        }
    }

    /// Sets the member `key`; one that is there keeps its place.
    func set(_ dict: UnsafeMutablePointer<DictStorage>, _ key: Value, _ value: Value) throws(Stop) {
        try force(dict)
        if let position = try find(dict, key) {
            dict.pointee.entries.unsafelyUnwrapped[position].value = value
            return
        }
        if dict.pointee.count == dict.pointee.capacity { try grow(dict, to: max(4, dict.pointee.capacity * 2)) }
        let position = dict.pointee.count
        (dict.pointee.entries.unsafelyUnwrapped + position).initialize(to: DictEntry(key: key, value: value))
        dict.pointee.count = position + 1
        if let table = dict.pointee.table {
            var slot = Int(truncatingIfNeeded: try hash(key)) & dict.pointee.mask
            while table[slot] != 0 { slot = (slot &+ 1) & dict.pointee.mask }
            table[slot] = UInt32(truncatingIfNeeded: position + 1)
        }
    }

    /// The member named `key`; missing when there is none.
    @inline(__always)
    func member(_ dict: UnsafeMutablePointer<DictStorage>, _ key: UnsafeRawBufferPointer) throws(Stop) -> Value {
        if dict.pointee.json != nil { try force(dict) }
        try charge(key.count / TemplateLimits.bytesPerStep)
        guard dict.pointee.table == nil else { return try member(dict, .string(key)) }
        guard let entries = dict.pointee.entries else { return .missing }
        for position in 0..<dict.pointee.count {
            let candidate = entries[position].key
            if candidate.tag == .string, candidate.text.isEqual(to: key) { return entries[position].value }
        }
        return .missing
    }

    /// The member at `key`; missing when there is none. A key that cannot be hashed is an error.
    func member(_ dict: UnsafeMutablePointer<DictStorage>, _ key: Value) throws(Stop) -> Value {
        try force(dict)
        guard let position = try find(dict, key) else { return .missing }
        return dict.pointee.entries.unsafelyUnwrapped[position].value
    }

    /// The position of `key` in a dictionary that is read already.
    private func find(_ dict: UnsafeMutablePointer<DictStorage>, _ key: Value) throws(Stop) -> Int? {
        if key.tag == .string { try charge(key.text.count / TemplateLimits.bytesPerStep) }
        guard let entries = dict.pointee.entries else {
            if key.tag != .string { _ = try hash(key) }
            return nil
        }
        guard let table = dict.pointee.table else {
            if key.tag != .string { _ = try hash(key) }
            for position in 0..<dict.pointee.count where try isSameKey(entries[position].key, key) { return position }
            return nil
        }
        var slot = Int(truncatingIfNeeded: try hash(key)) & dict.pointee.mask
        while table[slot] != 0 {
            let position = Int(table[slot]) - 1
            if try isSameKey(entries[position].key, key) { return position }
            slot = (slot &+ 1) & dict.pointee.mask
        }
        return nil
    }

    @inline(__always)
    private func isSameKey(_ a: Value, _ b: Value) throws(Stop) -> Bool {
        if a.tag == .string { return b.tag == .string && a.text.isEqual(to: b.text) }
        return try isEqual(a, b)
    }

    /// The hash of a dictionary key. Equal keys have equal hashes, whatever their types.
    func hash(_ key: Value, depth: Int = 0) throws(Stop) -> UInt64 {
        switch key.tag {
        case .string, .bigInt: return ByteHash.hash(key.text, seed: hashSeed)
        case .int, .bool: return scramble(key.bits)
        case .float:
            if let whole = Int(exactly: key.float) { return scramble(UInt64(bitPattern: Int64(whole))) }
            return scramble(key.bits)
        case .tuple:
            guard depth < TemplateLimits.maximumValueDepth else { throw tooDeep() }
            var state = hashSeed
            let items = try items(key.list)
            try charge(items.count)
            for item in items { state = ByteHash.fold(state ^ (try hash(item, depth: depth + 1)), ByteHash.k1) }
            return state
        case .list, .dict: throw fail(.type, "unhashable type: '\(typeName(key))'")
        case .view: throw fail(.type, "unhashable type: '\(typeName(key))'")
        case .undefined, .none, .missing: return scramble(UInt64(key.tag.rawValue))
        default: return scramble(key.bits)
        }
    }

    private func scramble(_ bits: UInt64) -> UInt64 { ByteHash.fold(bits ^ hashSeed, ByteHash.k0) }
}
