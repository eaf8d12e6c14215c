internal import SMGBase

// `sort`, `dictsort` and `groupby`: stable sorts by keys that are made once.
extension Renderer {
    func applySorting(_ filter: Filter, _ input: Value, _ arguments: CallArguments) throws(Stop) -> Value {
        switch filter {
        case .dictsort: return try sortDict(input, arguments)
        case .groupby: return try group(input, arguments)
        default: return try sort(input, arguments)
        }
    }

    private func sort(_ input: Value, _ arguments: CallArguments) throws(Stop) -> Value {
        var reader = ArgumentReader(arguments, "sort")
        let isReversed = try reader.flag("reverse", self)
        let isCaseSensitive = try reader.flag("case_sensitive", self)
        let attribute = try reader.next("attribute", self)
        try reader.finish(self)
        var paths: [Value] = [.missing]
        if attribute.isString {
            paths = []
            var start = 0
            while true {
                let end = attribute.text.firstIndex(of: UInt8(ascii: ","), from: start) ?? attribute.text.count
                paths.append(try path(.string(attribute.text.slice(start..<end))))
                guard end < attribute.text.count else { break }
                start = end + 1
            }
        } else {
            paths = [try path(attribute)]
        }
        let items = try listed(input)
        var keys = ListBuilder()
        for item in items {
            var parts = ListBuilder()
            for path in paths {
                let key = try follow(path, from: item)
                try append(isCaseSensitive ? key : try ignoringCase(key), to: &parts)
            }
            try append(try list(parts), to: &keys)
        }
        return try sorted(items, by: keys, isReversed: isReversed)
    }

    private func sortDict(_ input: Value, _ arguments: CallArguments) throws(Stop) -> Value {
        var reader = ArgumentReader(arguments, "dictsort")
        let isCaseSensitive = try reader.flag("case_sensitive", self)
        let by = try reader.next("by", self)
        let isReversed = try reader.flag("reverse", self)
        try reader.finish(self)
        var byValue = false
        if !by.isMissing {
            byValue = by.isString && by.text.equals("value")
            guard byValue || (by.isString && by.text.equals("key")) else {
                throw fail(.arguments, "You can only sort by either \"key\" or \"value\"")
            }
        }
        if input.isUndefined { throw undefinedError(input) }
        guard input.tag == .dict else {
            throw fail(.undefined, "'\(typeName(input)) object' has no attribute 'items'")
        }
        let items = try listed(Value(.view, at: input.dict, aux: 2))
        var keys = ListBuilder()
        for item in items {
            let key = try self.items(item.list)[byValue ? 1 : 0]
            try append(isCaseSensitive ? key : try ignoringCase(key), to: &keys)
        }
        return try sorted(items, by: keys, isReversed: isReversed)
    }

    private func group(_ input: Value, _ arguments: CallArguments) throws(Stop) -> Value {
        var reader = ArgumentReader(arguments, "groupby")
        let path = try path(try reader.required("attribute", self))
        var standard = try reader.next("default", self)
        if standard.tag == .none { standard = .missing }
        let isCaseSensitive = try reader.flag("case_sensitive", self)
        try reader.finish(self)
        let items = try listed(input)
        var keys = ListBuilder()
        for item in items {
            let key = try follow(path, from: item, standard: standard)
            try append(isCaseSensitive ? key : try ignoringCase(key), to: &keys)
        }
        let order = try order(of: keys, isReversed: false)
        var groups = ListBuilder()
        var members = ListBuilder()
        for (at, place) in order.enumerated() {
            if at > 0, let values = keys.items, !(try isEqual(values[order[at - 1]], values[place])) {
                try append(try groupPair(members, path, standard), to: &groups)
                members = ListBuilder()
            }
            try append(items[place], to: &members)
        }
        if members.count > 0 { try append(try groupPair(members, path, standard), to: &groups) }
        return try list(groups)
    }

    /// A group and the value its members share, spelled as the first one has it.
    private func groupPair(_ members: ListBuilder, _ path: Value, _ standard: Value) throws(Stop) -> Value {
        guard let first = members.items?[0] else { return .missing }
        var value = try pair(try follow(path, from: first, standard: standard), try list(members))
        value.flag = 1
        return value
    }

    private func sorted(
        _ items: UnsafeBufferPointer<Value>, by keys: ListBuilder, isReversed: Bool
    ) throws(Stop) -> Value {
        var builder = ListBuilder()
        for place in try order(of: keys, isReversed: isReversed) { try append(items[place], to: &builder) }
        return try list(builder)
    }

    /// Positions of `keys` in ascending order, equal ones as they were. A merge sort: its comparisons can fail.
    private func order(of keys: ListBuilder, isReversed: Bool) throws(Stop) -> [Int] {
        var order = Array(0..<keys.count)
        guard keys.count > 1, let values = keys.items else { return order }
        try charge(keys.count)
        var scratch = order
        var width = 1
        while width < order.count {
            var start = 0
            while start < order.count {
                let middle = Swift.min(start + width, order.count)
                let end = Swift.min(start + 2 * width, order.count)
                var (left, right) = (start, middle)
                for at in start..<end {
                    let takesLeft: Bool
                    if left < middle, right < end {
                        try charge()
                        let (a, b) = (values[order[left]], values[order[right]])
                        // The right one goes first only when it must: that keeps the sort stable.
                        let comparison = isReversed ? try self.order(a, b, "<") : try self.order(b, a, "<")
                        takesLeft = comparison.map { $0 >= 0 } ?? true
                    } else {
                        takesLeft = left < middle
                    }
                    scratch[at] = takesLeft ? order[left] : order[right]
                    if takesLeft { left += 1 } else { right += 1 }
                }
                start = end
            }
            swap(&order, &scratch)
            width *= 2
        }
        return order
    }
}
