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
            var chunks = wordChunks(paragraph.text, hyphens: breaksHyphens)
            try charge(chunks.count)
            try layOut(&chunks, width: width, breaksWords: breaksWords, newline: newline.text, hyphens: breaksHyphens)
        }
        return try taken(from: mark)
    }

    /// Words and the whitespace between them; words also end behind the hyphens inside them.
    private func wordChunks(_ text: UnsafeRawBufferPointer, hyphens: Bool) -> [UnsafeRawBufferPointer] {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte &- 9 < 5 }
        func isLetter(_ at: Int) -> Bool {
            guard at >= 0, at < text.count else { return false }
            return text[at] >= 0x80 || (text[at] | 0x20) &- 97 < 26
        }
        var chunks: [UnsafeRawBufferPointer] = []
        var start = 0
        var at = 0
        while at < text.count {
            if isSpace(text[at]) {
                if at > start { chunks.append(text.slice(start..<at)) }
                start = at
                while at < text.count, isSpace(text[at]) { at += 1 }
                chunks.append(text.slice(start..<at))
                start = at
            } else {
                at += 1
                let isHyphen = hyphens && text[at - 1] == UInt8(ascii: "-")
                if isHyphen, isLetter(at - 2), isLetter(at - 3), isLetter(at), isLetter(at + 1) {
                    chunks.append(text.slice(start..<at))
                    start = at
                }
            }
        }
        if start < text.count { chunks.append(text.slice(start..<text.count)) }
        return chunks
    }

    private func layOut(
        _ chunks: inout [UnsafeRawBufferPointer], width: Int, breaksWords: Bool, newline: UnsafeRawBufferPointer,
        hyphens: Bool
    ) throws(Stop) {
        func isBlank(_ chunk: UnsafeRawBufferPointer) -> Bool { PythonText.strip(chunk).count == 0 }
        chunks.reverse()
        var isFirst = true
        while !chunks.isEmpty {
            try charge()
            var line: [UnsafeRawBufferPointer] = []
            var length = 0
            if !isFirst, let next = chunks.last, isBlank(next) { chunks.removeLast() }
            while let next = chunks.last, length + PythonText.count(next) <= width {
                length += PythonText.count(next)
                line.append(chunks.removeLast())
            }
            if let next = chunks.last, PythonText.count(next) > width {
                let room = width - length
                if breaksWords {
                    var end = PythonText.offset(next, of: max(room, 1))
                    if hyphens, room > 1, let hyphen = next.slice(0..<end).lastIndex(of: UInt8(ascii: "-")), hyphen > 0,
                        next.slice(0..<hyphen).contains(where: { $0 != UInt8(ascii: "-") })
                    {
                        end = hyphen + 1
                    }
                    line.append(next.slice(0..<end))
                    chunks[chunks.count - 1] = next.slice(end..<next.count)
                } else if line.isEmpty {
                    line.append(chunks.removeLast())
                }
            }
            if let last = line.last, isBlank(last) { line.removeLast() }
            guard !line.isEmpty else { continue }
            if !isFirst { out.append(newline) }
            isFirst = false
            for part in line { out.append(part) }
            try checkOutput()
        }
    }

    // MARK: - Sizes

    func fileSize(_ input: Value, _ arguments: CallArguments) throws(Stop) -> Value {
        var reader = ArgumentReader(arguments, "filesizeformat")
        let isBinary = try reader.flag("binary", self)
        try reader.finish(self)
        if input.isUndefined { throw undefinedError(input) }
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
        // Comments first, then tags: each ends at the next end, and what has none stays.
        var kept: [UInt8] = []
        var at = 0
        while at < text.count {
            if text[at] == UInt8(ascii: "<") {
                let rest = text.slice(at..<text.count)
                if rest.hasPrefix("<!--") {
                    if let end = rest.firstIndex(of: "-->", from: 4) {
                        at += end + 3
                        continue
                    }
                } else if let end = rest.firstIndex(of: UInt8(ascii: ">")) {
                    at += end + 1
                    continue
                }
            }
            kept.append(text[at])
            at += 1
        }
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
