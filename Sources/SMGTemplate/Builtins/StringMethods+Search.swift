internal import SMGBase

// Searching, replacing, joining and padding strings.
extension Renderer {
    /// A part of `text` as `start` and `end` arguments bound it, and its first code point's number.
    private func part(
        _ text: UnsafeRawBufferPointer, _ arguments: CallArguments
    ) throws(Stop) -> (text: UnsafeRawBufferPointer, first: Int)? {
        if arguments.count < 2 { return (text, 0) }
        let count = PythonText.count(text)
        let start = arguments[1].tag == .none ? 0 : try wholeNumber(arguments[1])
        let first = start < 0 ? max(start &+ count, 0) : start
        let hasEnd = arguments.count > 2 && arguments[2].tag != .none
        let last = hasEnd ? try clampedIndex(arguments[2], count) : count
        guard first <= last else { return nil }
        return (text.slice(PythonText.offset(text, of: first)..<PythonText.offset(text, of: last)), first)
    }

    func hasAffix(_ text: UnsafeRawBufferPointer, _ arguments: CallArguments, atEnd: Bool) throws(Stop) -> Value {
        try checkCount(arguments, atEnd ? "endswith" : "startswith", 1...3)
        guard let (part, _) = try part(text, arguments) else { return .bool(false) }
        func matches(_ affix: Value) throws(Stop) -> Bool {
            guard affix.isString else {
                throw fail(.type, "first arg must be str or a tuple of str, not \(typeName(affix))")
            }
            return atEnd ? part.ends(withBytes: affix.text) : part.starts(withBytes: affix.text)
        }
        guard arguments[0].tag == .tuple else { return .bool(try matches(arguments[0])) }
        let affixes = try items(arguments[0].list)
        try charge(affixes.count)
        for affix in affixes where try matches(affix) { return .bool(true) }
        return .bool(false)
    }

    func search(_ method: Method, _ text: UnsafeRawBufferPointer, _ arguments: CallArguments) throws(Stop) -> Value {
        try checkCount(arguments, "find", 1...3)
        guard arguments[0].isString else { throw fail(.type, "must be str, not \(typeName(arguments[0]))") }
        let wanted = arguments[0].text
        let isStrict = method == .index || method == .rindex
        guard let (part, first) = try part(text, arguments) else {
            if method == .count { return .int(0) }
            if isStrict { throw fail(.value, "substring not found") }
            return .int(-1)
        }
        if method == .count { return .int(occurrences(of: wanted, in: part)) }
        let isLast = method == .rfind || method == .rindex
        guard let at = isLast ? part.lastRange(of: wanted, upTo: part.count) : part.firstRange(of: wanted) else {
            if isStrict { throw fail(.value, "substring not found") }
            return .int(-1)
        }
        return .int(first + PythonText.count(part.slice(0..<at)))
    }

    private func occurrences(of wanted: UnsafeRawBufferPointer, in text: UnsafeRawBufferPointer) -> Int {
        if wanted.count == 0 { return PythonText.count(text) + 1 }
        var found = 0
        var start = 0
        while let at = text.firstRange(of: wanted, from: start) {
            found += 1
            start = at + wanted.count
        }
        return found
    }

    /// `text` with the first `count` occurrences of `old` replaced; all of them when `count` is negative.
    func replace(
        _ text: UnsafeRawBufferPointer, _ old: UnsafeRawBufferPointer, _ new: UnsafeRawBufferPointer, _ count: Int
    ) throws(Stop) -> Value {
        let mark = out.writerIndex
        var start = 0
        var done = 0
        if old.count == 0 {
            while count < 0 || done < count {
                out.append(new)
                done += 1
                guard start < text.count else { break }
                let width = PythonText.scalar(text, start).width
                out.append(text.slice(start..<start + width))
                start += width
                try charge()
                try checkOutput()
            }
        } else {
            while count < 0 || done < count, let at = text.firstRange(of: old, from: start) {
                out.append(text.slice(start..<at))
                out.append(new)
                start = at + old.count
                done += 1
                try charge()
                try checkOutput()
            }
            if done == 0 { return .string(text) }
        }
        out.append(text.slice(start..<text.count))
        return try taken(from: mark)
    }

    /// The items of `value` with `separator` between them; `convert` makes strings of what is none.
    func join(_ value: Value, with separator: UnsafeRawBufferPointer, convert: Bool) throws(Stop) -> Value {
        let iterator = try iterate(value)
        // Items may be made on the way, on the same buffer: the text grows in steps that are cut off for each of them.
        var parts = ListBuilder()
        while true {
            let item = try next(iterator)
            if item.isMissing { break }
            guard convert || item.isString else {
                throw fail(
                    .type, "sequence item \(parts.count): expected str instance, \(typeName(item)) found")
            }
            try append(item, to: &parts)
        }
        let mark = out.writerIndex
        for at in 0..<parts.count {
            if at > 0 { out.append(separator) }
            if let items = parts.items { try print(items[at]) }
            try charge()
            try checkOutput()
        }
        return try taken(from: mark)
    }

    func pad(_ method: Method, _ text: UnsafeRawBufferPointer, _ arguments: CallArguments) throws(Stop) -> Value {
        try checkCount(arguments, "padding", method == .zfill ? 1...1 : 1...2)
        let width = try wholeNumber(arguments[0])
        var fill = Value.string(" ").text
        if arguments.count > 1 {
            guard arguments[1].isString, PythonText.count(arguments[1].text) == 1 else {
                throw fail(.type, "the fill character must be exactly one character long")
            }
            fill = arguments[1].text
        }
        let missing = width - min(width, PythonText.count(text))
        guard missing <= TemplateLimits.maximumPadding else { throw outOfMemory() }
        guard missing > 0 else { return .string(text) }
        try charge(missing)
        let mark = out.writerIndex
        func append(_ count: Int, _ what: UnsafeRawBufferPointer) { for _ in 0..<count { out.append(what) } }
        switch method {
        case .ljust:
            out.append(text)
            append(missing, fill)
        case .rjust:
            append(missing, fill)
            out.append(text)
        case .center:
            // Python's choice of the shorter side.
            let left = missing / 2 + (missing & width & 1)
            append(left, fill)
            out.append(text)
            append(missing - left, fill)
        default:
            let isSigned = text.first == UInt8(ascii: "+") || text.first == UInt8(ascii: "-")
            out.append(text.slice(0..<(isSigned ? 1 : 0)))
            append(missing, Value.string("0").text)
            out.append(text.slice((isSigned ? 1 : 0)..<text.count))
        }
        return try taken(from: mark)
    }

    func expandTabs(_ text: UnsafeRawBufferPointer, _ arguments: CallArguments) throws(Stop) -> Value {
        var reader = ArgumentReader(arguments, "expandtabs")
        let given = try reader.next("tabsize", self)
        try reader.finish(self)
        let size = given.isMissing ? 8 : try wholeNumber(given)
        guard size <= TemplateLimits.maximumPadding else { throw outOfMemory() }
        let mark = out.writerIndex
        var column = 0
        var at = 0
        while at < text.count {
            let (value, width) = PythonText.scalar(text, at)
            if value == 0x09 {
                if size > 0 {
                    let spaces = size - column % size
                    try charge(spaces)
                    for _ in 0..<spaces { out.append(UInt8(ascii: " ")) }
                    column += spaces
                    try checkOutput()
                }
            } else {
                out.append(text.slice(at..<at + width))
                column = value == 0x0a || value == 0x0d ? 0 : column + 1
            }
            at += width
        }
        return try taken(from: mark)
    }
}
