internal import SMGBase

// Filters that Python runs as generators: each step when its item is asked for.
extension Renderer {
    func applyLazy(_ filter: Filter, _ input: Value, _ arguments: CallArguments) throws(Stop) -> Value {
        var state = IteratorState(.nothing)
        switch filter {
        case .map:
            state = try mapping(input, arguments)
        case .unique:
            var reader = ArgumentReader(arguments, "unique")
            state.isCaseSensitive = try reader.flag("case_sensitive", self)
            state.path = try path(try reader.next("attribute", self))
            try reader.finish(self)
            state.kind = .unique
            state.value = .dict(try newDict(capacity: 0))
            state.source = try iterate(input)
        case .batch:
            var reader = ArgumentReader(arguments, "batch")
            let size = try reader.required("linecount", self)
            state.value = try reader.next("fill_with", self)
            try reader.finish(self)
            state.kind = .batch
            state.position = try wholeNumber(size)
            state.source = try iterate(input)
        case .slice: return try sliced(input, arguments)
        default:
            state = try selection(filter, input, arguments)
        }
        return Value(.generator, at: try make(state))
    }

    /// The items of `value`, or one attribute of each when `attribute` is given.
    func attributes(_ value: Value, _ attribute: Value) throws(Stop) -> Value {
        if attribute.isMissing || attribute.tag == .none { return value }
        var state = IteratorState(.attributes)
        state.source = try iterate(value)
        state.path = try path(attribute)
        return Value(.generator, at: try make(state))
    }

    private func mapping(_ input: Value, _ arguments: CallArguments) throws(Stop) -> IteratorState {
        var state = IteratorState(.nothing)
        guard try isTrue(input) else { return state }
        state.source = try iterate(input)
        if arguments.count == 0, let at = named("attribute", arguments) {
            state.kind = .attributes
            for other in 0..<arguments.namedCount where other != at {
                guard arguments.name(other).text.equals("default") else {
                    throw fail(.arguments, "unexpected keyword argument '\(arguments.name(other).text.string)'")
                }
                if arguments.value(other).tag != .none { state.value = arguments.value(other) }
            }
            state.path = try path(arguments.value(at))
            return state
        }
        guard arguments.count > 0 else { throw fail(.arguments, "map requires a filter argument") }
        guard arguments[0].isString, let filter = Filter(arguments[0].text.string) else {
            throw fail(.unknownName, "no filter named '\(try text(arguments[0]).text.string)'")
        }
        state.kind = .map
        state.place = Int32(filter.rawValue)
        state.arguments = arguments.dropping(1)
        return state
    }

    private func named(_ name: StaticString, _ arguments: CallArguments) -> Int? {
        (0..<arguments.namedCount).first { arguments.name($0).text.equals(name) }
    }

    private func selection(_ filter: Filter, _ input: Value, _ arguments: CallArguments) throws(Stop) -> IteratorState {
        var state = IteratorState(.nothing)
        guard try isTrue(input) else { return state }
        state.kind = .select
        state.isNegated = filter == .reject || filter == .rejectattr
        state.source = try iterate(input)
        var rest = arguments
        if filter == .selectattr || filter == .rejectattr {
            guard arguments.count > 0 else { throw fail(.arguments, "Missing parameter for attribute name") }
            state.path = try path(arguments[0])
            rest = arguments.dropping(1)
        }
        if rest.count > 0 {
            guard rest[0].isString, let test = Test(rest[0].text.string) else {
                throw fail(.unknownName, "no test named '\(try text(rest[0]).text.string)'")
            }
            state.place = Int32(test.rawValue)
            state.arguments = rest.dropping(1)
        }
        return state
    }

    /// The keys an attribute's name with dots stands for; missing for none.
    func path(_ attribute: Value) throws(Stop) -> Value {
        if attribute.isMissing || attribute.tag == .none { return .missing }
        var parts = ListBuilder()
        guard attribute.isString else {
            try append(attribute, to: &parts)
            return try list(parts)
        }
        let text = attribute.text
        var start = 0
        while true {
            let end = text.firstIndex(of: UInt8(ascii: "."), from: start) ?? text.count
            let part = text.slice(start..<end)
            let isNumber = part.count > 0 && part.count < 19 && part.allSatisfy(ASCII.isDigit)
            try append(isNumber ? .int(Int(part.string) ?? 0) : .string(part), to: &parts)
            guard end < text.count else { break }
            start = end + 1
        }
        return try list(parts)
    }

    /// What `path` leads to from `item`; `standard` stands for undefined values on the way unless it is missing.
    func follow(_ path: Value, from item: Value, standard: Value = .missing) throws(Stop) -> Value {
        if path.isMissing { return item }
        var item = item
        for key in try items(path.list) {
            item = try self.item(of: item, key, method: key.isString ? Method.number(key.text) : 0)
            if item.isUndefined, !standard.isMissing { item = standard }
        }
        return item
    }

    /// `value` for comparisons without case.
    func ignoringCase(_ value: Value) throws(Stop) -> Value {
        value.isString ? try mapped(value.text, .lower) : value
    }

    func nextLazy(_ iterator: UnsafeMutablePointer<IteratorState>) throws(Stop) -> Value {
        guard let source = iterator.pointee.source else { return .missing }
        // Lazy sequences over each other call each other.
        depth += 1
        guard depth <= TemplateLimits.maximumDepth else { throw tooDeep() }
        defer { depth -= 1 }
        let state = iterator.pointee
        switch state.kind {
        case .map:
            let item = try next(source)
            guard !item.isMissing, let filter = Filter(rawValue: UInt8(state.place)) else { return .missing }
            return try apply(filter, to: item, state.arguments)
        case .attributes:
            let item = try next(source)
            return item.isMissing ? item : try follow(state.path, from: item, standard: state.value)
        case .select:
            while true {
                let item = try next(source)
                if item.isMissing { return item }
                try charge()
                let subject = try follow(state.path, from: item)
                let isChosen: Bool
                if state.place < 0 {
                    isChosen = try isTrue(subject)
                } else {
                    isChosen = try holds(Test(rawValue: UInt8(state.place)) ?? .defined, for: subject, state.arguments)
                }
                if isChosen != state.isNegated { return item }
            }
        case .unique:
            while true {
                let item = try next(source)
                if item.isMissing { return item }
                try charge()
                var key = try follow(state.path, from: item)
                if !state.isCaseSensitive { key = try ignoringCase(key) }
                if try member(state.value.dict, key).isMissing {
                    try set(state.value.dict, key, .none)
                    return item
                }
            }
        case .batch:
            var batch = ListBuilder()
            // A size of 0 is reached before the first item, once; a negative one never.
            if state.position == 0, !state.isNegated, let count = remaining(source), count > 0 {
                iterator.pointee.isNegated = true
                return try list(batch)
            }
            while state.position <= 0 || batch.count < state.position {
                let item = try next(source)
                if item.isMissing { break }
                try append(item, to: &batch)
            }
            if batch.count == 0 { return .missing }
            if !state.value.isMissing, state.value.tag != .none {
                try charge(max(state.position - batch.count, 0))
                while batch.count < state.position { try append(state.value, to: &batch) }
            }
            return try list(batch)
        default: return .missing
        }
    }

    private func sliced(_ input: Value, _ arguments: CallArguments) throws(Stop) -> Value {
        var reader = ArgumentReader(arguments, "slice")
        let slices = try wholeNumber(try reader.required("slices", self))
        let fill = try reader.next("fill_with", self)
        try reader.finish(self)
        let items = try listed(input)
        guard slices != 0 else { throw fail(.value, "integer division or modulo by zero") }
        var parts = ListBuilder()
        var start = 0
        if slices > 0 {
            try charge(slices)
            let (size, extra) = (items.count / slices, items.count % slices)
            for slice in 0..<slices {
                let count = size + (slice < extra ? 1 : 0)
                var part = ListBuilder()
                for at in start..<start + count { try append(items[at], to: &part) }
                if !fill.isMissing, fill.tag != .none, slice >= extra { try append(fill, to: &part) }
                try append(try list(part), to: &parts)
                start += count
            }
        }
        return try generator(of: UnsafeBufferPointer(start: parts.items, count: parts.count))
    }
}
