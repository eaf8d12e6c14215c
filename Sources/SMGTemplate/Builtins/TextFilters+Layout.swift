internal import SMGBase

// `wordwrap`, `filesizeformat`, `striptags` and `xmlattr`.
extension Renderer {
    // MARK: - Wrapping

    func wrap(_ input: Value, _ arguments: CallArguments) throws(Stop) -> Value {
        var reader = ArgumentReader(arguments, "wordwrap")
        let widthValue = try reader.next("width", self)
        let breaks = try reader.next("break_long_words", self)
        let wrapString = try reader.next("wrapstring", self)
        let hyphens = try reader.next("break_on_hyphens", self)
        try reader.finish(self)
        let width = widthValue.isMissing ? 79 : try wholeNumber(widthValue)
        let breaksWords = breaks.isMissing ? true : try isTrue(breaks)
        let breaksHyphens = hyphens.isMissing ? true : try isTrue(hyphens)
        let newline = wrapString.isMissing || wrapString.tag == .none ? Value.string("\n") : wrapString
        if input.isUndefined { throw undefinedError(input) }
        guard input.isString, newline.isString else { throw fail(.type, "wordwrap: a string is needed") }
        guard width > 0 else { throw fail(.value, "invalid width \(width) (must be > 0)") }
        let paragraphs = try listed(try lines(input.text, keepEnds: false))
        let mark = out.writerIndex
        for (at, paragraph) in paragraphs.enumerated() {
            if at > 0 { out.append(newline.text) }
            try chargeText(paragraph.text.count)
            try layOut(
                paragraph.text, width: width, breaksWords: breaksWords, newline: newline.text, hyphens: breaksHyphens)
        }
        return try taken(from: mark)
    }

    /// Prints one paragraph in lines of at most `width` characters. A line is a part of the text: nothing is copied.
    private func layOut(
        _ text: UnsafeRawBufferPointer, width: Int, breaksWords: Bool, newline: UnsafeRawBufferPointer, hyphens: Bool
    ) throws(Stop) {
        func isBlank(_ chunk: WordChunks.Chunk) -> Bool { PythonText.strip(text.slice(chunk.range)).count == 0 }
        var chunks = WordChunks(text, hyphens: hyphens)
        var isFirst = true
        while chunks.chunk != nil {
            if !isFirst, let next = chunks.chunk, isBlank(next) { chunks.advance() }
            guard let first = chunks.chunk else { break }
            var last: WordChunks.Chunk?
            var length = 0
            while let next = chunks.chunk, next.count <= width - length {
                try charge()
                length += next.count
                last = next
                chunks.advance()
            }
            if let next = chunks.chunk, next.count > width {
                try charge()
                if breaksWords {
                    last = chunks.cut(
                        at: breakOffset(text.slice(next.range), room: width - length, hyphens) + next.range.lowerBound)
                } else if last == nil {
                    last = next
                    chunks.advance()
                }
            }
            guard let last else { continue }
            let end = isBlank(last) ? last.range.lowerBound : last.range.upperBound
            guard end > first.range.lowerBound else { continue }
            if !isFirst { out.append(newline) }
            isFirst = false
            out.append(text.slice(first.range.lowerBound..<end))
            try checkOutput()
        }
    }

    /// Where a word that is too long for its line is broken: after `room` characters, or behind a hyphen before that.
    /// At its start when there is no room, which keeps the whitespace before it.
    private func breakOffset(_ word: UnsafeRawBufferPointer, room: Int, _ hyphens: Bool) -> Int {
        let end = PythonText.offset(word, of: room)
        guard hyphens, let hyphen = word.slice(0..<end).lastIndex(of: UInt8(ascii: "-")), hyphen > 0,
            word.slice(0..<hyphen).contains(where: { $0 != UInt8(ascii: "-") })
        else { return end }
        return hyphen + 1
    }

    // MARK: - Sizes

    func fileSize(_ input: Value, _ arguments: CallArguments) throws(Stop) -> Value {
        var reader = ArgumentReader(arguments, "filesizeformat")
        let isBinary = try reader.flag("binary", self)
        try reader.finish(self)
        if input.isUndefined { throw undefinedError(input) }
        if input.isString { try chargeNumber(input.text) }
        guard let bytes = input.number ?? (input.isString ? PythonFloat.parse(input.text) : nil) else {
            throw input.isString
                ? fail(.value, "could not convert string to float")
                : fail(.type, "float() argument must be a string or a real number, not '\(typeName(input))'")
        }
        let base: Double = isBinary ? 1024 : 1000
        if bytes == 1 { return .string("1 Byte") }
        guard bytes >= base else {
            guard let whole = Int(exactly: bytes.rounded(.towardZero)) else { throw fail(.value, "not a size") }
            return try capture { () throws(Stop) in
                out.append(decimal: whole)
                out.append(" Bytes")
            }
        }
        try charge(ExactDecimal.steps(of: bytes))
        var unit = base
        var place = 0
        repeat {
            unit *= base
            if bytes < unit { break }
            place += 1
        } while place < 8
        let prefixes: StaticString = "kMGTPEZY"
        return try capture { () throws(Stop) in
            PythonFloat.appendFixed(base * bytes / unit, places: 1, to: out)
            out.append(UInt8(ascii: " "))
            let prefix = prefixes.utf8Start[min(place, 7)]
            out.append(isBinary && place == 0 ? UInt8(ascii: "K") : prefix)
            out.append(isBinary ? "iB" : "B" as StaticString)
        }
    }

    // MARK: - HTML and XML

    func stripTags(_ text: UnsafeRawBufferPointer) throws(Stop) -> Value {
        try chargeText(text.count)
        // Each comment and tag ends at the next end; from one without end on, all stays.
        var kept: [UInt8] = []
        var at = 0
        while let start = text.firstIndex(of: UInt8(ascii: "<"), from: at) {
            let isComment = text.slice(start..<text.count).hasPrefix("<!--")
            let end = isComment ? text.firstIndex(of: "-->", from: start + 4) : text.firstIndex(of: ">", from: start)
            guard let end else { break }
            kept.append(contentsOf: text.slice(at..<start))
            at = end + (isComment ? 3 : 1)
        }
        kept.append(contentsOf: text.slice(at..<text.count))
        let plain = try string(String(decoding: kept, as: UTF8.self))
        let words = try listed(try callString(.split, plain, CallArguments()))
        return try capture { () throws(Stop) in
            for at in 0..<words.count {
                if at > 0 { out.append(UInt8(ascii: " ")) }
                appendUnescaped(words[at].text)
            }
        }
    }

    private func appendUnescaped(_ text: UnsafeRawBufferPointer) {
        let entities: [(StaticString, StaticString)] = [
            ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"), ("&#39;", "'"), ("&#34;", "\""), ("&quot;", "\""),
        ]
        var at = 0
        while at < text.count {
            let rest = text.slice(at..<text.count)
            if text[at] == UInt8(ascii: "&"), let (entity, plain) = entities.first(where: { rest.hasPrefix($0.0) }) {
                out.append(plain)
                at += entity.utf8CodeUnitCount
            } else {
                out.append(text[at])
                at += 1
            }
        }
    }

    func attributesOfXML(_ input: Value, _ arguments: CallArguments) throws(Stop) -> Value {
        var reader = ArgumentReader(arguments, "xmlattr")
        let space = try reader.next("autospace", self)
        try reader.finish(self)
        if input.isUndefined { throw undefinedError(input) }
        guard input.tag == .dict else { throw fail(.undefined, "'\(typeName(input)) object' has no attribute 'items'") }
        try force(input.dict)
        var needsSpace = space.isMissing ? true : try isTrue(space)
        return try capture { () throws(Stop) in
            for at in 0..<input.dict.pointee.count {
                guard let entry = input.dict.pointee.entries?[at] else { break }
                if entry.value.tag == .none || entry.value.isUndefined { continue }
                guard entry.key.isString else { throw fail(.type, "expected string or bytes-like object") }
                for byte in entry.key.text where byte == 0x20 || byte &- 9 < 5 || "/>=".utf8.contains(byte) {
                    throw fail(.value, "invalid character in attribute name")
                }
                if needsSpace { out.append(UInt8(ascii: " ")) }
                needsSpace = true
                appendEscaped(entry.key.text)
                out.append("=\"")
                let value = try text(entry.value)
                if value.isSafe { out.append(value.text) } else { appendEscaped(value.text) }
                out.append(UInt8(ascii: "\""))
                try checkOutput()
            }
        }
    }
}
