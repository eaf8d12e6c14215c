internal import SMGBase

/// A walk over items, also a lazy one: what `for` runs over and what `map`, `select` and their like return.
struct IteratorState {
    /// What is walked over.
    enum Kind: UInt8 {
        case nothing
        case list, reversedList, string, range, reversedRange
        case keys, values, items, reversedKeys, reversedValues, reversedItems
        /// A `for` statement's source with its condition.
        case filteredLoop
        /// `map` with a filter or an attribute.
        case map, attributes
        /// `select`, `reject` and their attribute forms.
        case select
        case unique
        case batch
        /// A list made by a filter that Python would make lazily.
        case made
    }

    var kind: Kind
    var position = 0
    /// The container, or what the lazy step needs: a default, a fill-in, a dictionary of what was seen.
    var value = Value.missing
    var source: UnsafeMutablePointer<IteratorState>?
    /// The loop, filter or test.
    var place: Int32 = -1
    var isNegated = false
    var isCaseSensitive = true
    /// The attribute to look at, as a list of keys; missing for the item itself.
    var path = Value.missing
    var arguments = CallArguments()
    var frame: UnsafeMutablePointer<FrameState>?

    init(_ kind: Kind) { self.kind = kind }
}

extension Renderer {
    /// A walk over the items of `value`.
    func iterate(_ value: Value) throws(Stop) -> UnsafeMutablePointer<IteratorState> {
        var state = IteratorState(.nothing)
        state.value = value
        switch value.tag {
        case .list, .tuple: state.kind = .list
        case .string: state.kind = .string
        case .dict: state.kind = .keys
        case .range: state.kind = .range
        case .view:
            state.kind = value.aux == 0 ? .keys : value.aux == 1 ? .values : .items
            state.value = .dict(value.dict)
        case .generator: return value.iterator
        case .undefined: break
        case .loop: throw fail(.type, "the loop cannot be iterated from inside")
        default: throw fail(.type, "'\(typeName(value))' object is not iterable")
        }
        return try make(state)
    }

    /// A walk backwards; nil when `value` cannot be walked that way.
    func iterateReversed(_ value: Value) throws(Stop) -> UnsafeMutablePointer<IteratorState>? {
        var state = IteratorState(.nothing)
        state.value = value
        switch value.tag {
        case .list, .tuple:
            state.kind = .reversedList
            state.position = try items(value.list).count
        case .range:
            state.kind = .reversedRange
            state.position = value.range.pointee.count
        case .dict, .view:
            state.kind =
                value.tag == .dict || value.aux == 0
                ? .reversedKeys : value.aux == 1 ? .reversedValues : .reversedItems
            state.value = .dict(value.dict)
            try force(value.dict)
            state.position = value.dict.pointee.count
        default: return nil
        }
        return try make(state)
    }

    /// Items that are left, where that is known without walking.
    func remaining(_ iterator: UnsafeMutablePointer<IteratorState>) -> Int? {
        let value = iterator.pointee.value
        switch iterator.pointee.kind {
        case .nothing: return 0
        case .list: return value.list.pointee.json == nil ? value.list.pointee.count - iterator.pointee.position : nil
        case .range: return value.range.pointee.count - iterator.pointee.position
        case .keys, .values, .items:
            return value.dict.pointee.json == nil ? value.dict.pointee.count - iterator.pointee.position : nil
        default: return nil
        }
    }

    /// The next item; missing at the end.
    @inline(__always)
    func next(_ iterator: UnsafeMutablePointer<IteratorState>) throws(Stop) -> Value {
        if iterator.pointee.kind == .list {
            let items = try items(iterator.pointee.value.list)
            let position = iterator.pointee.position
            guard position < items.count else { return .missing }
            iterator.pointee.position = position &+ 1
            return items[position]
        }
        return try nextSlowly(iterator)
    }

    private func nextSlowly(_ iterator: UnsafeMutablePointer<IteratorState>) throws(Stop) -> Value {
        try charge()
        let position = iterator.pointee.position
        let value = iterator.pointee.value
        switch iterator.pointee.kind {
        case .nothing: return .missing
        case .list, .made:
            let items = try items(value.list)
            guard position < items.count else { return .missing }
            iterator.pointee.position = position + 1
            return items[position]
        case .reversedList:
            guard position > 0 else { return .missing }
            iterator.pointee.position = position - 1
            return try items(value.list)[position - 1]
        case .string:
            guard position < value.text.count else { return .missing }
            let (_, width) = PythonText.scalar(value.text, position)
            iterator.pointee.position = position + width
            return .string(value.text.slice(position..<position + width))
        case .range:
            guard position < value.range.pointee.count else { return .missing }
            iterator.pointee.position = position + 1
            return .int(value.range.pointee.item(position))
        case .reversedRange:
            guard position > 0 else { return .missing }
            iterator.pointee.position = position - 1
            return .int(value.range.pointee.item(position - 1))
        case .keys, .values, .items:
            try force(value.dict)
            guard position < value.dict.pointee.count else { return .missing }
            iterator.pointee.position = position + 1
            return try member(value.dict, at: position, iterator.pointee.kind)
        case .reversedKeys, .reversedValues, .reversedItems:
            guard position > 0 else { return .missing }
            iterator.pointee.position = position - 1
            return try member(value.dict, at: position - 1, iterator.pointee.kind)
        case .filteredLoop: return try nextFiltered(iterator)
        case .map, .attributes, .select, .unique, .batch: return try nextLazy(iterator)
        }
    }

    private func member(
        _ dict: UnsafeMutablePointer<DictStorage>, at position: Int, _ kind: IteratorState.Kind
    ) throws(Stop) -> Value {
        guard let entries = dict.pointee.entries else { return .missing }
        let entry = entries[position]
        switch kind {
        case .keys, .reversedKeys: return entry.key
        case .values, .reversedValues: return entry.value
        default: return try pair(entry.key, entry.value)
        }
    }

    /// The next item of a loop's source for which the loop's condition holds. It may be asked for from another
    /// function: the condition sees the variables of its own.
    private func nextFiltered(_ iterator: UnsafeMutablePointer<IteratorState>) throws(Stop) -> Value {
        guard let source = iterator.pointee.source, let frame = iterator.pointee.frame,
            let info = program?.loops[Int(iterator.pointee.place)]
        else { return .missing }
        let saved = self.frame
        let savedLocals = locals
        self.frame = frame
        locals = frame.pointee.locals
        while true {
            let item = try next(source)
            if item.isMissing {
                self.frame = saved
                locals = savedLocals
                return item
            }
            try charge()
            try assign(item, to: info.filterTarget)
            if try isTrue(try evaluate(info.filter)) {
                let target = nodes[Int(info.filterTarget)]
                let taken = target.operation == .targetTuple ? try repacked(target) : item
                self.frame = saved
                locals = savedLocals
                return taken
            }
        }
    }

    /// The tuple a target with several names was just given.
    private func repacked(_ target: Node) throws(Stop) -> Value {
        var builder = ListBuilder()
        for at in 0..<Int(target.b) {
            let part = nodes[Int(operands[Int(target.a) + at])]
            try append(
                part.operation == .targetTuple ? try repacked(part) : locals[Int(part.a)], to: &builder)
        }
        return try tuple(builder)
    }

    /// All items of `value` as a list that may be its own.
    func listed(_ value: Value) throws(Stop) -> UnsafeBufferPointer<Value> {
        if value.tag == .list || value.tag == .tuple { return try items(value.list) }
        let iterator = try iterate(value)
        var builder = ListBuilder()
        while true {
            let item = try next(iterator)
            if item.isMissing { break }
            try append(item, to: &builder)
        }
        return UnsafeBufferPointer(start: builder.items, count: builder.count)
    }
}
