internal import SMGBase

// The methods of strings: searching, splitting, joining, padding. Cases and classes are in `StringMethods+Case.swift`.
extension Renderer {
    func callString(_ method: Method, _ owner: Value, _ arguments: CallArguments) throws(Stop) -> Value {
        let text = owner.text
        try chargeText(text.count)
        switch method {
        case .strip, .lstrip, .rstrip:
            try checkCount(arguments, "strip", 0...1)
            return try strip(
                text, characters: arguments[0], start: method != .rstrip, end: method != .lstrip)
        case .split, .rsplit: return try split(text, arguments, fromEnd: method == .rsplit)
        case .splitlines:
            var reader = ArgumentReader(arguments, "splitlines")
            let keeps = try reader.flag("keepends", self)
            try reader.finish(self)
            return try lines(text, keepEnds: keeps)
        case .startswith, .endswith: return try hasAffix(text, arguments, atEnd: method == .endswith)
        case .find, .rfind, .index, .rindex, .count: return try search(method, text, arguments)
        case .replace:
            try checkCount(arguments, "replace", 2...3)
            guard arguments[0].isString, arguments[1].isString else {
                throw fail(.type, "replace() arguments must be str")
            }
            let count = arguments.count > 2 ? try wholeNumber(arguments[2]) : -1
            return try replace(text, arguments[0].text, arguments[1].text, count)
        case .join:
            try checkCount(arguments, "join", 1...1)
            return try join(arguments[0], with: text, convert: false)
        case .partition, .rpartition: return try partition(text, arguments, fromEnd: method == .rpartition)
        case .removeprefix, .removesuffix:
            let affix = try stringArgument(arguments, "removeprefix").text
            if method == .removeprefix {
                return text.starts(withBytes: affix) ? .string(text.slice(affix.count..<text.count)) : .string(text)
            }
            let isThere = affix.count > 0 && text.ends(withBytes: affix)
            return isThere ? .string(text.slice(0..<text.count - affix.count)) : .string(text)
        case .center, .ljust, .rjust, .zfill: return try pad(method, text, arguments)
        case .format: return try formatBraces(text, arguments)
        case .formatMap:
            try checkCount(arguments, "format_map", 1...1)
            var mapped = CallArguments()
            var builder = ListBuilder()
            guard arguments[0].tag == .dict else { throw fail(.type, "format_map() takes a mapping") }
            try force(arguments[0].dict)
            for at in 0..<arguments[0].dict.pointee.count {
                guard let entry = arguments[0].dict.pointee.entries?[at], entry.key.isString else { continue }
                try append(entry.key, to: &builder)
                try append(entry.value, to: &builder)
            }
            mapped.named = builder.items
            mapped.namedCount = builder.count / 2
            return try formatBraces(text, mapped)
        case .expandtabs: return try expandTabs(text, arguments)
        case .encode, .translate, .maketrans: throw fail(.type, "str.\(method.name)() is not supported in templates")
        default: return try callCase(method, text, arguments)
        }
    }

    /// The only argument of a method, which must be a string.
    func stringArgument(_ arguments: CallArguments, _ callee: StaticString) throws(Stop) -> Value {
        try checkCount(arguments, callee, 1...1)
        guard arguments[0].isString else {
            throw fail(.type, "\(callee)() argument must be str, not \(typeName(arguments[0]))")
        }
        return arguments[0]
    }

    /// `value` where Python takes an integer.
    func wholeNumber(_ value: Value) throws(Stop) -> Int {
        guard let index = value.index else {
            throw fail(.type, "'\(typeName(value))' object cannot be interpreted as an integer")
        }
        return index
    }

    // MARK: - Stripping and splitting

    /// `text` without what stands at its ends: whitespace, or any of `characters`.
    func strip(
        _ text: UnsafeRawBufferPointer, characters: Value, start: Bool = true, end: Bool = true
    ) throws(Stop) -> Value {
        if characters.isMissing || characters.tag == .none {
            return .string(PythonText.strip(text, start: start, end: end))
        }
        guard characters.isString else { throw fail(.type, "strip arg must be None or str") }
        let set = characters.text
        var low = 0
        var high = text.count
        func isIn(_ from: Int, _ to: Int) -> Bool { set.firstRange(of: text.slice(from..<to)) != nil }
        while start, low < high {
            let width = PythonText.scalar(text, low).width
            try chargeText(set.count)
            guard isIn(low, low + width) else { break }
            low += width
        }
        while end, high > low {
            let last = PythonText.previous(text, high)
            try chargeText(set.count)
            guard isIn(last, high) else { break }
            high = last
        }
        return .string(text.slice(low..<max(low, high)))
    }

    private func split(
        _ text: UnsafeRawBufferPointer, _ arguments: CallArguments, fromEnd: Bool
    ) throws(Stop) -> Value {
        var reader = ArgumentReader(arguments, "split")
        let separator = try reader.next("sep", self)
        let limit = try reader.next("maxsplit", self)
        try reader.finish(self)
        let most = limit.isMissing ? -1 : try wholeNumber(limit)
        if separator.isMissing || separator.tag == .none { return try splitWords(text, most, fromEnd: fromEnd) }
        guard separator.isString else { throw fail(.type, "must be str or None, not \(typeName(separator))") }
        guard separator.text.count > 0 else { throw fail(.value, "empty separator") }
        var parts = ListBuilder()
        var done = 0
        if fromEnd {
            var end = text.count
            while most < 0 || done < most, let at = text.lastRange(of: separator.text, upTo: end) {
                try append(.string(text.slice(at + separator.text.count..<end)), to: &parts)
                try charge()
                end = at
                done += 1
            }
            try append(.string(text.slice(0..<end)), to: &parts)
            return try reversed(parts)
        }
        var start = 0
        while most < 0 || done < most, let at = text.firstRange(of: separator.text, from: start) {
            try append(.string(text.slice(start..<at)), to: &parts)
            try charge()
            start = at + separator.text.count
            done += 1
        }
        try append(.string(text.slice(start..<text.count)), to: &parts)
        return try list(parts)
    }

    private func reversed(_ builder: ListBuilder) throws(Stop) -> Value {
        var reversed = ListBuilder()
        if let items = builder.items {
            for at in (0..<builder.count).reversed() { try append(items[at], to: &reversed) }
        }
        return try list(reversed)
    }

    private func splitWords(_ text: UnsafeRawBufferPointer, _ most: Int, fromEnd: Bool) throws(Stop) -> Value {
        var parts = ListBuilder()
        var rest = text
        var done = 0
        while true {
            rest = PythonText.strip(rest, start: !fromEnd, end: fromEnd)
            guard rest.count > 0 else { break }
            try charge()
            if most >= 0, done >= most {
                try append(.string(rest), to: &parts)
                break
            }
            done += 1
            if fromEnd {
                var start = rest.count
                while start > 0 {
                    let before = PythonText.previous(rest, start)
                    if PythonText.isSpace(PythonText.scalar(rest, before).value) { break }
                    start = before
                }
                try append(.string(rest.slice(start..<rest.count)), to: &parts)
                rest = rest.slice(0..<start)
            } else {
                var end = 0
                while end < rest.count {
                    let (value, width) = PythonText.scalar(rest, end)
                    if PythonText.isSpace(value) { break }
                    end += width
                }
                try append(.string(rest.slice(0..<end)), to: &parts)
                rest = rest.slice(end..<rest.count)
            }
        }
        return fromEnd ? try reversed(parts) : try list(parts)
    }

    /// `str.splitlines`.
    func lines(_ text: UnsafeRawBufferPointer, keepEnds: Bool) throws(Stop) -> Value {
        var parts = ListBuilder()
        var start = 0
        var at = 0
        while at < text.count {
            let (value, width) = PythonText.scalar(text, at)
            guard PythonText.isLineEnd(value) else {
                at += width
                continue
            }
            let end = at
            at += value == 0x0d && at + 1 < text.count && text[at + 1] == 0x0a ? 2 : width
            try append(.string(text.slice(start..<(keepEnds ? at : end))), to: &parts)
            start = at
        }
        if start < text.count { try append(.string(text.slice(start..<text.count)), to: &parts) }
        return try list(parts)
    }

    private func partition(
        _ text: UnsafeRawBufferPointer, _ arguments: CallArguments, fromEnd: Bool
    ) throws(Stop) -> Value {
        let separator = try stringArgument(arguments, "partition").text
        guard separator.count > 0 else { throw fail(.value, "empty separator") }
        let found = fromEnd ? text.lastRange(of: separator, upTo: text.count) : text.firstRange(of: separator)
        var parts = ListBuilder()
        if let found {
            try append(.string(text.slice(0..<found)), to: &parts)
            try append(.string(separator), to: &parts)
            try append(.string(text.slice(found + separator.count..<text.count)), to: &parts)
        } else {
            if !fromEnd { try append(.string(text), to: &parts) }
            try append(.string(""), to: &parts)
            try append(.string(""), to: &parts)
            if fromEnd { try append(.string(text), to: &parts) }
        }
        return try tuple(parts)
    }
}
