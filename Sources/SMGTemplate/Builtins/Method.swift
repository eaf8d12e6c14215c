internal import SMGBase

/// The methods values have, by Python's names.
enum Method: UInt8, CaseIterable {
    case unknown
    // Strings.
    case capitalize, casefold, center, count, encode, endswith, expandtabs, find, format
    case formatMap, index, isalnum, isalpha, isascii, isdecimal, isdigit, isidentifier, islower, isnumeric
    case isprintable, isspace, istitle, isupper, join, ljust, lower, lstrip, partition, removeprefix, removesuffix
    case replace, rfind, rindex, rjust, rpartition, rsplit, rstrip, split, splitlines, startswith, strip, swapcase
    case title, translate, maketrans, upper, zfill
    // Dictionaries.
    case get, items, keys, values, copy, fromkeys
    // What would change a list or dictionary.
    case append, clear, extend, insert, pop, popitem, remove, reverse, setdefault, sort, update
    // Numbers.
    case bitLength, isInteger
    // Loops and cyclers.
    case cycle, changed, next, reset

    /// What a method belongs to.
    struct Owners: OptionSet {
        let rawValue: UInt16
        static let string = Owners(rawValue: 1 << 0)
        static let dict = Owners(rawValue: 1 << 1)
        static let list = Owners(rawValue: 1 << 2)
        static let tuple = Owners(rawValue: 1 << 3)
        static let int = Owners(rawValue: 1 << 4)
        static let float = Owners(rawValue: 1 << 5)
        static let range = Owners(rawValue: 1 << 6)
        static let loop = Owners(rawValue: 1 << 7)
        static let cycler = Owners(rawValue: 1 << 8)
    }

    var owners: Owners {
        switch self {
        case .unknown: []
        case .count, .index: [.string, .list, .tuple, .range]
        case .get, .items, .keys, .values, .fromkeys: [.dict]
        case .copy: [.dict, .list]
        case .clear, .pop: [.dict, .list]
        case .popitem, .setdefault, .update: [.dict]
        case .append, .extend, .insert, .remove, .reverse, .sort: [.list]
        case .bitLength: [.int]
        case .isInteger: [.float]
        case .cycle, .changed: [.loop]
        case .next, .reset: [.cycler]
        default: [.string]
        }
    }

    /// Whether the sandbox hides the method: it would change what it is called on.
    func isForbidden(on owner: Tag) -> Bool {
        switch self {
        case .clear, .pop, .popitem, .setdefault, .update, .append, .extend, .insert, .remove, .reverse, .sort:
            owner == .list || owner == .dict
        default: false
        }
    }

    var name: String {
        switch self {
        case .formatMap: "format_map"
        case .bitLength: "bit_length"
        case .isInteger: "is_integer"
        case .unknown: ""
        default: String(describing: self)
        }
    }

    private static let numbers: [String: UInt8] = Dictionary(
        uniqueKeysWithValues: allCases.dropFirst().map { ($0.name, $0.rawValue) })

    /// In the place of a raw value for Python's own internals, which the sandbox hides on every value.
    static let hidden = UInt8.max

    /// The raw value of the method called `name`; 0 for other names.
    static func number(_ name: String) -> UInt8 { numbers[name] ?? 0 }

    static func number(_ name: UnsafeRawBufferPointer) -> UInt8 {
        name.count <= 12 ? number(name.string) : 0
    }
}

extension Renderer {
    /// Calls a method that `owner` has.
    func call(_ method: Method, of owner: Value, _ arguments: CallArguments) throws(Stop) -> Value {
        try charge()
        switch owner.tag {
        case .string: return try callString(method, owner, arguments)
        case .dict: return try callDict(method, owner, arguments)
        case .list, .tuple, .range: return try callSequence(method, owner, arguments)
        case .loop: return try callLoop(method, owner.loop, arguments)
        case .cycler:
            try checkCount(arguments, "cycler", 0...0)
            let item = try cyclerItem(owner)
            let count = try items(owner.cell.pointee.first.list).count
            owner.cell.pointee.position = method == .reset ? 0 : (owner.cell.pointee.position + 1) % count
            return method == .reset ? .none : item
        case .int, .bool:
            try checkCount(arguments, "bit_length", 0...0)
            return .int(Int.bitWidth - Int(bitPattern: owner.int.magnitude).leadingZeroBitCount)
        case .float:
            try checkCount(arguments, "is_integer", 0...0)
            return .bool(owner.float.isFinite && owner.float == owner.float.rounded())
        case .function: return try fromKeys(arguments)
        default: throw fail(.type, "'\(typeName(owner))' object has no such method")
        }
    }

    /// The item a cycler is at.
    func cyclerItem(_ cycler: Value) throws(Stop) -> Value {
        try items(cycler.cell.pointee.first.list)[cycler.cell.pointee.position]
    }

    private func callDict(_ method: Method, _ owner: Value, _ arguments: CallArguments) throws(Stop) -> Value {
        switch method {
        case .get:
            try checkCount(arguments, "get", 1...2)
            let value = try member(owner.dict, arguments[0])
            return value.isMissing ? (arguments.count > 1 ? arguments[1] : .none) : value
        case .keys, .values, .items:
            try checkCount(arguments, "dict view", 0...0)
            return Value(.view, at: owner.dict, aux: method == .keys ? 0 : method == .values ? 1 : 2)
        case .copy:
            try checkCount(arguments, "copy", 0...0)
            return try copy(of: owner.dict)
        case .fromkeys: return try fromKeys(arguments)
        default: throw forbidden(Value.string("method").text)
        }
    }

    func copy(of dict: UnsafeMutablePointer<DictStorage>) throws(Stop) -> Value {
        let copy = try newDict(capacity: try count(dict))
        try charge(dict.pointee.count)
        for at in 0..<dict.pointee.count {
            guard let entry = dict.pointee.entries?[at] else { break }
            try set(copy, entry.key, entry.value)
        }
        return .dict(copy)
    }

    private func fromKeys(_ arguments: CallArguments) throws(Stop) -> Value {
        try checkCount(arguments, "fromkeys", 1...2)
        let dict = try newDict(capacity: 0)
        for key in try listed(arguments[0]) { try set(dict, key, arguments.count > 1 ? arguments[1] : .none) }
        return .dict(dict)
    }

    private func callSequence(_ method: Method, _ owner: Value, _ arguments: CallArguments) throws(Stop) -> Value {
        switch method {
        case .copy:
            try checkCount(arguments, "copy", 0...0)
            return try list(sharing: try listed(owner))
        case .count:
            try checkCount(arguments, "count", 1...1)
            var found = 0
            let items = try listed(owner)
            try charge(items.count)
            for item in items where try isEqual(item, arguments[0]) { found += 1 }
            return .int(found)
        case .index:
            try checkCount(arguments, "index", 1...3)
            let items = try listed(owner)
            try charge(items.count)
            let start = arguments.count > 1 ? try clampedIndex(arguments[1], items.count) : 0
            let end = arguments.count > 2 ? try clampedIndex(arguments[2], items.count) : items.count
            for at in min(start, end)..<end where try isEqual(items[at], arguments[0]) { return .int(at) }
            throw fail(.value, "the value is not in the list")
        default: throw forbidden(Value.string("method").text)
        }
    }

    /// A bound of a search, counted from the end when negative.
    func clampedIndex(_ value: Value, _ count: Int) throws(Stop) -> Int {
        guard let index = value.index else {
            throw fail(.type, "slice indices must be integers or None or have an __index__ method")
        }
        return min(max(index < 0 ? index &+ count : index, 0), count)
    }

    private func callLoop(
        _ method: Method, _ state: UnsafeMutablePointer<LoopState>, _ arguments: CallArguments
    ) throws(Stop) -> Value {
        guard arguments.namedCount == 0 else { throw fail(.arguments, "loop methods take no keyword arguments") }
        if method == .cycle {
            guard arguments.count > 0 else { throw fail(.type, "no items for cycling given") }
            return arguments[state.pointee.index0 % arguments.count]
        }
        var builder = ListBuilder()
        for at in 0..<arguments.count { try append(arguments[at], to: &builder) }
        let value = try tuple(builder)
        if !state.pointee.changed.isMissing, try isEqual(state.pointee.changed, value) { return .bool(false) }
        state.pointee.changed = value
        return .bool(true)
    }
}
