internal import SMGBase
internal import SMGJSON

// Values that come in as JSON: scalars are read at once, containers when they are first touched.
extension Renderer {
    /// The value of `slice`, whose bytes outlive the rendering.
    func wrap(_ slice: JSONSlice) throws(Stop) -> Value {
        switch slice.kind {
        case .string: return try wrap(slice.text ?? JSONString(raw: slice.bytes))
        case .null: return .none
        case .bool: return .bool(slice.bool ?? false)
        case .number: return try wrapNumber(slice)
        case .object:
            var dict = DictStorage.empty
            dict.json = slice.bytes.baseAddress
            dict.jsonCount = slice.bytes.count
            return .dict(try make(dict))
        case .array:
            return .list(
                try make(
                    ListStorage(
                        items: nil, count: 0, json: slice.bytes.baseAddress, jsonCount: slice.bytes.count)))
        }
    }

    /// The text of a JSON string: its bytes where nothing is escaped, else decoded.
    private func wrap(_ string: JSONString) throws(Stop) -> Value {
        guard string.hasEscapes else { return .string(string.raw) }
        guard let memory = arena.allocate(string.raw.count) else { throw outOfMemory() }
        let (written, _) = string.decode(to: memory, room: string.raw.count)
        return .string(UnsafeRawBufferPointer(start: memory, count: written))
    }

    private func wrapNumber(_ slice: JSONSlice) throws(Stop) -> Value {
        if let integer = slice.int64 { return .int(Int(integer)) }
        let isInteger = slice.bytes.allSatisfy { ASCII.isDigit($0) || $0 == UInt8(ascii: "-") }
        guard !isInteger || slice.bytes.count <= TemplateLimits.maximumDigits else {
            throw fail(.input, "an integer has more than \(TemplateLimits.maximumDigits) digits")
        }
        if isInteger { return Value(.bigInt, bits: Value.string(slice.bytes).bits, aux: UInt32(slice.bytes.count)) }
        if let double = slice.double { return .float(double) }
        return .float(slice.bytes.first == UInt8(ascii: "-") ? -.infinity : .infinity)
    }

    /// Reads the members of a dictionary that is still JSON.
    @inline(__always)
    func force(_ dict: UnsafeMutablePointer<DictStorage>) throws(Stop) {
        if dict.pointee.json != nil { try read(dict) }
    }

    @inline(never)
    private func read(_ dict: UnsafeMutablePointer<DictStorage>) throws(Stop) {
        let bytes = UnsafeRawBufferPointer(start: dict.pointee.json, count: dict.pointee.jsonCount)
        try chargeText(bytes.count)
        dict.pointee.json = nil
        for (key, value) in JSONSlice(validated: bytes).members {
            try set(dict, try wrap(key), try wrap(value))
        }
    }

    /// The items of a list or tuple.
    @inline(__always)
    func items(_ list: UnsafeMutablePointer<ListStorage>) throws(Stop) -> UnsafeBufferPointer<Value> {
        if list.pointee.json != nil { try read(list) }
        return UnsafeBufferPointer(start: list.pointee.items, count: list.pointee.count)
    }

    @inline(never)
    private func read(_ list: UnsafeMutablePointer<ListStorage>) throws(Stop) {
        let bytes = UnsafeRawBufferPointer(start: list.pointee.json, count: list.pointee.jsonCount)
        try chargeText(bytes.count)
        list.pointee.json = nil
        var builder = ListBuilder()
        for element in JSONSlice(validated: bytes).elements { try append(try wrap(element), to: &builder) }
        list.pointee.items = builder.items
        list.pointee.count = builder.count
    }
}

/// A list that grows while it is made.
struct ListBuilder {
    fileprivate(set) var items: UnsafeMutablePointer<Value>?
    fileprivate(set) var count = 0
    private var capacity = 0

    /// An empty list.
    init() {}

    fileprivate mutating func grow(in arena: Arena) -> Bool {
        let wanted = capacity == 0 ? 8 : capacity * 2
        guard let memory = arena.values(wanted) else { return false }
        if let items { memory.initialize(from: items, count: count) }
        items = memory
        capacity = wanted
        return true
    }

    fileprivate var isFull: Bool { count == capacity }
}

extension Renderer {
    @inline(__always)
    func append(_ value: Value, to builder: inout ListBuilder) throws(Stop) {
        if builder.isFull, !builder.grow(in: arena) { throw outOfMemory() }
        (builder.items.unsafelyUnwrapped + builder.count).initialize(to: value)
        builder.count &+= 1
    }

    /// The finished list.
    func list(_ builder: ListBuilder) throws(Stop) -> Value {
        .list(try make(ListStorage(items: builder.items, count: builder.count, json: nil, jsonCount: 0)))
    }

    /// The finished list as a tuple.
    func tuple(_ builder: ListBuilder) throws(Stop) -> Value {
        .tuple(try make(ListStorage(items: builder.items, count: builder.count, json: nil, jsonCount: 0)))
    }

    /// A tuple of two.
    func pair(_ first: Value, _ second: Value) throws(Stop) -> Value {
        guard let items = arena.values(2) else { throw outOfMemory() }
        items.initialize(to: first)
        (items + 1).initialize(to: second)
        return .tuple(try make(ListStorage(items: items, count: 2, json: nil, jsonCount: 0)))
    }

    /// A list that shares `items`.
    func list(sharing items: UnsafeBufferPointer<Value>) throws(Stop) -> Value {
        .list(
            try make(
                ListStorage(
                    items: UnsafeMutablePointer(mutating: items.baseAddress), count: items.count, json: nil,
                    jsonCount: 0)))
    }
}
