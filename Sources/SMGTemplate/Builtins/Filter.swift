internal import SMGBase

/// The filters, by Jinja's names.
enum Filter: UInt8, CaseIterable {
    case abs, attr, batch, capitalize, center, count, d, `default`, dictsort, e, escape, filesizeformat, first, float
    case forceescape, format, groupby, indent, int, items, join, last, length, list, lower, map, max, min, pprint
    case random, reject, rejectattr, replace, reverse, round, safe, select, selectattr, slice, sort, string, striptags
    case sum, title, tojson, trim, truncate, unique, upper, urlencode, wordcount, wordwrap, xmlattr

    private static let named: [String: Filter] = Dictionary(
        uniqueKeysWithValues: allCases.map { (String(describing: $0), $0) })

    init?(_ name: String) {
        guard let filter = Self.named[name] else { return nil }
        self = filter
    }
}

extension Renderer {
    /// `input|filter(arguments)`.
    func apply(_ filter: Filter, to input: Value, _ arguments: CallArguments) throws(Stop) -> Value {
        switch filter {
        case .tojson: return try capture { () throws(Stop) in try appendJSON(input, arguments) }
        case .length, .count:
            try checkCount(arguments, "length", 0...0)
            return .int(try length(of: input))
        case .string:
            try checkCount(arguments, "string", 0...0)
            return try text(input)
        case .d, .default:
            var reader = ArgumentReader(arguments, "default")
            let other = try reader.next("default_value", self)
            let boolean = try reader.flag("boolean", self)
            try reader.finish(self)
            var isReplaced = input.isUndefined
            if boolean, !isReplaced { isReplaced = !(try isTrue(input)) }
            return isReplaced ? (other.isMissing ? .string("") : other) : input
        case .trim, .upper, .lower, .title, .capitalize, .replace, .center, .indent, .truncate, .wordwrap, .wordcount,
            .format, .urlencode, .filesizeformat, .striptags, .xmlattr:
            return try applyText(filter, input, arguments)
        case .safe, .e, .escape, .forceescape:
            try checkCount(arguments, "escape", 0...0)
            return try markSafe(filter, input)
        case .abs, .int, .float, .round, .sum, .min, .max: return try applyNumber(filter, input, arguments)
        case .map, .select, .reject, .selectattr, .rejectattr, .unique, .batch, .slice:
            return try applyLazy(filter, input, arguments)
        case .sort, .dictsort, .groupby: return try applySorting(filter, input, arguments)
        case .join:
            var reader = ArgumentReader(arguments, "join")
            let separator = try reader.next("d", self)
            let attribute = try reader.next("attribute", self)
            try reader.finish(self)
            let source = try attributes(input, attribute)
            return try join(
                source, with: separator.isMissing ? Value.string("").text : try text(separator).text, convert: true)
        default: return try applySequence(filter, input, arguments)
        }
    }

    /// A chain of filters whose innermost one works on the block around, whose text is `input`.
    func filterChain(_ place: Int32, over input: Value) throws(Stop) -> Value {
        let node = nodes[Int(place)]
        let inner = node.a < 0 ? input : try filterChain(node.a, over: input)
        guard node.operation == .filter, let filter = Filter(rawValue: node.sub) else {
            throw fail(.unknownName, "no filter named '\(constants[Int(node.c)].text.string)'")
        }
        return try apply(filter, to: inner, try callArguments(node.b))
    }

    /// `len(value)`.
    func length(of value: Value) throws(Stop) -> Int {
        switch value.tag {
        case .string:
            try chargeText(value.text.count)
            return PythonText.count(value.text)
        case .list, .tuple: return try items(value.list).count
        case .dict, .view: return try count(value.dict)
        case .range: return value.range.pointee.count
        case .loop: return try length(value.loop)
        case .undefined: return 0
        default: throw fail(.type, "object of type '\(typeName(value))' has no len()")
        }
    }

    private func markSafe(_ filter: Filter, _ input: Value) throws(Stop) -> Value {
        let string = try text(input)
        if filter == .safe || (string.isSafe && filter != .forceescape) { return .string(string.text, safe: true) }
        return try capture(safe: true) { () throws(Stop) in
            try reserve(string.text.count)
            appendEscaped(string.text)
        }
    }

    private func applySequence(_ filter: Filter, _ input: Value, _ arguments: CallArguments) throws(Stop) -> Value {
        switch filter {
        case .first:
            try checkCount(arguments, "first", 0...0)
            let item = try next(try iterate(input))
            return item.isMissing ? .undefined("No first item, sequence was empty.") : item
        case .last: return try last(input, arguments)
        case .random:
            // Templates of chats must render the same each time: the first item is as random as any.
            try checkCount(arguments, "random", 0...0)
            guard try length(of: input) > 0 else { return .undefined("No random item, sequence was empty.") }
            return try item(of: input, .int(0), method: 0)
        case .list:
            try checkCount(arguments, "list", 0...0)
            return try list(sharing: try listed(input))
        case .items:
            try checkCount(arguments, "items", 0...0)
            if input.isUndefined { return try generator(of: UnsafeBufferPointer(start: nil, count: 0)) }
            guard input.tag == .dict else { throw fail(.type, "Can only get item pairs from a mapping.") }
            return Value(.generator, at: try iterate(Value(.view, at: input.dict, aux: 2)))
        case .reverse: return try reverse(input, arguments)
        case .attr:
            var reader = ArgumentReader(arguments, "attr")
            let name = try reader.required("name", self)
            try reader.finish(self)
            guard name.isString else { throw fail(.type, "attribute name must be string") }
            return try attributeOnly(of: input, name)
        case .pprint:
            try checkCount(arguments, "pprint", 0...0)
            return try capture { () throws(Stop) in try printSpelled(input, depth: 0) }
        default: throw fail(.type, "the filter does not apply")
        }
    }

    /// An attribute without the fallback to items.
    private func attributeOnly(of owner: Value, _ name: Value) throws(Stop) -> Value {
        if owner.isUndefined { throw undefinedError(owner) }
        if owner.tag == .dict {
            let number = Method.number(name.text)
            guard let method = Method(rawValue: number), self.method(method, fits: owner) else {
                return .undefined(.attribute, name.text, of: owner.tag)
            }
        }
        return try attribute(of: owner, name, method: Method.number(name.text))
    }

    private func last(_ input: Value, _ arguments: CallArguments) throws(Stop) -> Value {
        try checkCount(arguments, "last", 0...0)
        let empty = Value.undefined("No last item, sequence was empty.")
        if input.isString {
            guard input.text.count > 0 else { return empty }
            return .string(input.text.slice(PythonText.previous(input.text, input.text.count)..<input.text.count))
        }
        // An undefined value has a length, 0, and so can be walked from its end.
        if input.isUndefined { return .undefined("No last item, sequence was empty.") }
        guard let iterator = try iterateReversed(input) else {
            throw fail(.type, "'\(typeName(input))' object is not reversible")
        }
        let item = try next(iterator)
        return item.isMissing ? empty : item
    }

    private func reverse(_ input: Value, _ arguments: CallArguments) throws(Stop) -> Value {
        try checkCount(arguments, "reverse", 0...0)
        if input.isString {
            return try slice(input, start: .none, stop: .none, step: .int(-1))
        }
        if let iterator = try iterateReversed(input) { return Value(.generator, at: iterator) }
        let items = try listed(input)
        var builder = ListBuilder()
        for at in (0..<items.count).reversed() { try append(items[at], to: &builder) }
        return try list(builder)
    }

    /// A lazy sequence over items that are made already.
    func generator(of items: UnsafeBufferPointer<Value>) throws(Stop) -> Value {
        var state = IteratorState(.made)
        state.value = try list(sharing: items)
        return Value(.generator, at: try make(state))
    }
}
