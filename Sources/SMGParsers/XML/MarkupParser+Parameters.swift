internal import SMGBase

// MARK: - Parameters

extension MarkupParser {
    func openParameter(
        _ range: Range<Int>, _ input: UnsafeRawBufferPointer, _ at: inout Int, _ last: Bool, _ output: ParserOutput
    ) -> Bool {
        // A call has parameters or a JSON object, not both.
        if body.hasBegun { return passOn(range.upperBound, input, &at, output) }
        var reader = TagReader(bytes: input, at: range.lowerBound)
        let found: MarkupTag.Found
        do throws(TagMismatch) {
            found = try format.parameterTag.read(&reader)
        } catch {
            if error == .notYet {
                if !last { return false }
                at = input.count
                return false
            }
            return passOn(range.upperBound, input, &at, output)
        }
        XMLEntities.withDecoded(input.slice(found.name), format.entities != .nowhere) { key in
            output.arguments(call, hasParameters ? ",\"" : "{\"")
            output.argumentsEscaping(call, key)
            output.arguments(call, "\":")
            value.begin(types(of: key, flag: input.slice(found.flag)))
        }
        hasParameters = true
        at = reader.at
        place = .inValue
        return true
    }

    /// What the value may be; nil for text that is taken as it is.
    private func types(of key: UnsafeRawBufferPointer, flag: UnsafeRawBufferPointer) -> ParameterTypes? {
        if let text = format.textFlag { return flag.equals(text) ? nil : [] }
        return tool.flatMap { $0.parameters[key.string] } ?? []
    }

    /// Reads on in a value. False when more is needed.
    func readValue(
        _ input: UnsafeRawBufferPointer, _ at: inout Int, _ last: Bool, _ output: ParserOutput
    ) -> Bool {
        if format.trimsNewlines, !value.hasBegun {
            guard at < input.count else { return false }
            if input[at] == 0x0a { at += 1 }
        }
        value.hasBegun = true
        var from = at
        while true {
            switch format.valueClose.first(in: input, from: from, last: last) {
            case .none(let safe):
                let end = last ? safe : heldEnd(input, at, safe)
                value.take(input.slice(at..<end), format.entities == .everywhere, output, call)
                at = end
                return false
            case .marker(_, let range):
                guard let ends = isEnd(input, range.upperBound, last) else {
                    let end = heldEnd(input, at, range.lowerBound)
                    value.take(input.slice(at..<end), format.entities == .everywhere, output, call)
                    at = end
                    return false
                }
                guard ends else {
                    from = range.lowerBound + 1
                    continue
                }
                var end = range.lowerBound
                if format.trimsNewlines, end > at, input[end - 1] == 0x0a { end -= 1 }
                value.take(input.slice(at..<end), format.entities == .everywhere, output, call)
                if !value.end(output, call) { isBroken = true }
                at = range.upperBound
                place = .inCall
                isLayout = true
                return true
            }
        }
    }

    /// Whether the closing tag before `start` ends the value; nil when what follows decides it and has not come.
    private func isEnd(_ input: UnsafeRawBufferPointer, _ start: Int, _ last: Bool) -> Bool? {
        let end = TagReader.spaceEnd(input, start)
        guard end - start <= ParserLimits.maximumSeparatorBytes else { return false }
        switch format.inCall.scanner.marker(in: input, at: end, last: false) {
        case .whole: return true
        case .no: return false
        case .open: return last ? true : nil
        }
    }

    /// How much of the value before `end` is certain: not a newline that may stand before the closing tag, not a
    /// beginning of an entity.
    private func heldEnd(_ input: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> Int {
        if format.trimsNewlines, end > start, input[end - 1] == 0x0a { return end - 1 }
        guard format.entities == .everywhere else { return end }
        return XMLEntities.certainEnd(input, start, end)
    }
}

// MARK: - JSON instead of parameters

extension MarkupParser {
    func beginsJSONBody(_ input: UnsafeRawBufferPointer, _ at: Int) -> Bool {
        guard format.allowsJSONBody, place == .inCall, at < input.count else { return false }
        return input[at] == UInt8(ascii: "{") && !hasParameters
    }

    func beginJSONBody() {
        hasParameters = true
        place = .inJSONBody
    }

    func readBody(
        _ input: UnsafeRawBufferPointer, _ at: inout Int, _ last: Bool, _ output: ParserOutput
    ) -> Bool {
        at = body.consume(input, from: at, to: output, call: call)
        switch body.status {
        case .open: return false
        case .complete:
            place = .inCall
            isLayout = true
        case .invalid:
            isBroken = true
            place = .inBrokenBody
        }
        return true
    }

    /// Arguments that are not JSON pass as they are, up to the end of the call.
    func passBrokenBody(
        _ input: UnsafeRawBufferPointer, _ at: inout Int, _ last: Bool, _ output: ParserOutput
    ) -> Bool {
        guard let close = format.callClose.passBroken(input, &at, last, call: call, output) else { return false }
        place = format.isSectionOneCall ? .outside : .between
        isLayout = true
        at = close.range.upperBound
        return true
    }
}
