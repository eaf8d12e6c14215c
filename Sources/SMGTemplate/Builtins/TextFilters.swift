internal import SMGBase

// Filters that make text of text.
extension Renderer {
    func applyText(_ filter: Filter, _ input: Value, _ arguments: CallArguments) throws(Stop) -> Value {
        switch filter {
        case .upper, .lower, .title, .capitalize:
            try checkCount(arguments, "filter", 0...0)
            let text = try text(input).text
            try chargeText(text.count)
            switch filter {
            case .upper: return try mapped(text, .upper)
            case .lower: return try mapped(text, .lower)
            case .capitalize: return try mapped(text, .capitalize)
            default: return try titled(text)
            }
        case .trim:
            var reader = ArgumentReader(arguments, "trim")
            let characters = try reader.next("chars", self)
            try reader.finish(self)
            let text = try text(input).text
            try chargeText(text.count)
            return try strip(text, characters: characters)
        case .replace:
            var reader = ArgumentReader(arguments, "replace")
            let old = try reader.required("old", self)
            let new = try reader.required("new", self)
            let count = try reader.next("count", self)
            try reader.finish(self)
            let most = count.isMissing || count.tag == .none ? -1 : try wholeNumber(count)
            let source = try text(input).text
            try chargeText(source.count)
            return try replace(source, try text(old).text, try text(new).text, most)
        case .center:
            var reader = ArgumentReader(arguments, "center")
            let width = try reader.next("width", self)
            try reader.finish(self)
            var padding = CallArguments()
            padding.positional = try make(width.isMissing ? .int(80) : width)
            padding.count = 1
            let text = try text(input).text
            try chargeText(text.count)
            return try pad(.center, text, padding)
        case .indent: return try indent(input, arguments)
        case .truncate: return try truncate(input, arguments)
        case .wordwrap: return try wrap(input, arguments)
        case .wordcount:
            try checkCount(arguments, "wordcount", 0...0)
            let text = try text(input).text
            try chargeCharacters(text.count)
            return .int(wordCount(text))
        case .format: return try format(input, arguments)
        case .urlencode:
            try checkCount(arguments, "urlencode", 0...0)
            return try encodeURL(input)
        case .filesizeformat: return try fileSize(input, arguments)
        case .striptags:
            try checkCount(arguments, "striptags", 0...0)
            return try stripTags(try text(input).text)
        default: return try attributesOfXML(input, arguments)
        }
    }

    /// Upper case at the starts of words, which whitespace, dashes and opening brackets end.
    private func titled(_ text: UnsafeRawBufferPointer) throws(Stop) -> Value {
        let mark = out.writerIndex
        try reserve(text.count)
        var at = 0
        var word = 0
        func isBreak(_ value: UInt32) -> Bool {
            switch value {
            case 0x2d, 0x28, 0x7b, 0x5b, 0x3c: true
            default: PythonText.isSpace(value)
            }
        }
        func flush(_ end: Int) throws(Stop) {
            guard end > word else { return }
            let width = PythonText.scalar(text, word).width
            let first = try mapped(text.slice(word..<word + width), .upper)
            let rest = try mapped(text.slice(word + width..<end), .lower)
            out.append(first.text)
            out.append(rest.text)
        }
        while at < text.count {
            let (value, width) = PythonText.scalar(text, at)
            if isBreak(value) {
                try flush(at)
                out.append(text.slice(at..<at + width))
                word = at + width
            }
            at += width
        }
        try flush(text.count)
        return try taken(from: mark)
    }

    private func indent(_ input: Value, _ arguments: CallArguments) throws(Stop) -> Value {
        var reader = ArgumentReader(arguments, "indent")
        let width = try reader.next("width", self)
        let first = try reader.flag("first", self)
        let blank = try reader.flag("blank", self)
        try reader.finish(self)
        if input.isUndefined { throw undefinedError(input) }
        guard input.isString else {
            throw fail(.type, "unsupported operand type(s) for +=: '\(typeName(input))' and 'str'")
        }
        var indention = Value.string("    ").text
        if width.isString {
            indention = width.text
        } else if !width.isMissing {
            let spaces = try wholeNumber(width)
            guard spaces <= TemplateLimits.maximumPadding else { throw outOfMemory() }
            indention = try multiplied(" ", max(spaces, 0)).text
        }
        let lines = try listed(try self.lines(try concatenated(input.text, "\n"), keepEnds: false))
        let mark = out.writerIndex
        for at in 0..<lines.count {
            if at > 0 { out.append(UInt8(ascii: "\n")) }
            let isIndented = at == 0 ? first : (blank || lines[at].text.count > 0)
            if isIndented { out.append(indention) }
            out.append(lines[at].text)
            try charge()
            try checkOutput()
        }
        return try taken(from: mark, safe: input.isSafe)
    }

    private func multiplied(_ text: StaticString, _ count: Int) throws(Stop) -> Value {
        try capture { () throws(Stop) in
            try reserve(count)
            for _ in 0..<count { out.append(text) }
        }
    }

    private func concatenated(_ text: UnsafeRawBufferPointer, _ end: StaticString) throws(Stop)
        -> UnsafeRawBufferPointer
    {
        try capture { () throws(Stop) in
            try reserve(text.count)
            out.append(text)
            out.append(end)
        }.text
    }

    private func truncate(_ input: Value, _ arguments: CallArguments) throws(Stop) -> Value {
        var reader = ArgumentReader(arguments, "truncate")
        let lengthValue = try reader.next("length", self)
        let killWords = try reader.flag("killwords", self)
        let end = try reader.next("end", self)
        let leewayValue = try reader.next("leeway", self)
        try reader.finish(self)
        let length = lengthValue.isMissing ? 255 : try wholeNumber(lengthValue)
        let leeway = leewayValue.isMissing || leewayValue.tag == .none ? 5 : try wholeNumber(leewayValue)
        let ending = end.isMissing ? Value.string("...") : end
        let endLength = try self.length(of: ending)
        guard length >= endLength, leeway >= 0 else { throw fail(.value, "truncate: impossible length or leeway") }
        guard try self.length(of: input) - length > leeway else { return input }
        guard input.isString, ending.isString else { throw fail(.type, "truncate: a string is needed") }
        let kept = input.text.slice(0..<PythonText.offset(input.text, of: length - endLength))
        let cut = killWords ? kept.count : kept.lastRange(of: Value.string(" ").text, upTo: kept.count) ?? kept.count
        return try capture { () throws(Stop) in
            out.append(kept.slice(0..<cut))
            out.append(ending.text)
        }
    }

    private func wordCount(_ text: UnsafeRawBufferPointer) -> Int {
        var count = 0
        var inWord = false
        var at = 0
        while at < text.count {
            let (value, width) = PythonText.scalar(text, at)
            at += width
            let scalar = Unicode.Scalar(value) ?? "\u{fffd}"
            let isWord = scalar == "_" || scalar.isPythonLetter || scalar.properties.numericType != nil
            if isWord, !inWord { count += 1 }
            inWord = isWord
        }
        return count
    }

    private func format(_ input: Value, _ arguments: CallArguments) throws(Stop) -> Value {
        guard arguments.count == 0 || arguments.namedCount == 0 else {
            throw fail(.arguments, "can't handle positional and keyword arguments at the same time")
        }
        let template = try text(input)
        if arguments.namedCount > 0 {
            let dict = try newDict(capacity: arguments.namedCount)
            for at in 0..<arguments.namedCount { try set(dict, arguments.name(at), arguments.value(at)) }
            return try formatPercent(template, .dict(dict))
        }
        var values = ListBuilder()
        for at in 0..<arguments.count { try append(arguments[at], to: &values) }
        return try formatPercent(template, try tuple(values))
    }

    private func encodeURL(_ input: Value) throws(Stop) -> Value {
        func quote(_ value: Value, isQuery: Bool) throws(Stop) {
            let text = try text(value).text
            try chargeText(text.count)
            for byte in text {
                let isPlain =
                    ASCII.isDigit(byte) || (byte | 0x20) &- 97 < 26 || Value.string("_.-~").text.contains(byte)
                    || (byte == UInt8(ascii: "/") && !isQuery)
                if isPlain {
                    out.append(byte)
                } else if isQuery, byte == UInt8(ascii: " ") {
                    out.append(UInt8(ascii: "+"))
                } else {
                    out.append(UInt8(ascii: "%"))
                    for nibble in [byte >> 4, byte & 15] { out.append(nibble < 10 ? 0x30 + nibble : 0x37 + nibble) }
                }
            }
        }
        switch input.tag {
        case .dict, .list, .tuple, .range, .view, .generator, .undefined:
            let source = input.tag == .dict ? Value(.view, at: input.dict, aux: 2) : input
            var pairs = ListBuilder()
            let iterator = try iterate(source)
            while true {
                let item = try next(iterator)
                if item.isMissing { break }
                try append(item, to: &pairs)
            }
            return try capture { () throws(Stop) in
                for at in 0..<pairs.count {
                    guard let item = pairs.items?[at] else { break }
                    let parts = try listed(item)
                    guard parts.count == 2 else { throw fail(.value, "urlencode needs pairs") }
                    if at > 0 { out.append(UInt8(ascii: "&")) }
                    try quote(parts[0], isQuery: true)
                    out.append(UInt8(ascii: "="))
                    try quote(parts[1], isQuery: true)
                    try checkOutput()
                }
            }
        default: return try capture { () throws(Stop) in try quote(input, isQuery: false) }
        }
    }
}
