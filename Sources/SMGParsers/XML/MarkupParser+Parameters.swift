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
            // What it should have said is missing in the arguments.
            isBroken = true
            return passOn(range.upperBound, input, &at, output)
        }
        XMLEntities.withDecoded(input.slice(found.name), format.entities != .nowhere) { key in
            output.arguments(call, hasParameters ? ",\"" : "{\"")
            output.argumentsEscaping(call, key)
            output.arguments(call, "\":")
            value.begin(types(of: key, flag: input.slice(found.flag)))
            if !missing.isEmpty { missing.remove(key.string) }
        }
        hasParameters = true
        at = reader.at
        hasStrayClose = false
        hasOpening = false
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
            switch format.inValue.scanner.first(in: input, from: from, last: last) {
            case .none(let safe):
                pass(input, &at, last ? safe : heldEnd(input, at, safe), output)
                return false
            case .marker(let index, let range):
                let role = format.inValue.roles[index]
                let ends: Bool?
                switch role {
                case .valueClose: ends = isEnd(input, range.upperBound, last)
                case .parameter: ends = beginsMissing(input, range.lowerBound, last)
                case .callClose: ends = isBeforeCall(input, range.upperBound, last)
                default: ends = false
                }
                guard let ends else {
                    pass(input, &at, heldEnd(input, at, range.lowerBound), output)
                    return false
                }
                guard ends else {
                    note(role)
                    from = range.lowerBound + 1
                    continue
                }
                var end = range.lowerBound
                if format.trimsNewlines || role != .valueClose, end > at, input[end - 1] == 0x0a { end -= 1 }
                pass(input, &at, end, output)
                if !value.end(output, call) { isBroken = true }
                at = role == .valueClose ? range.upperBound : range.lowerBound
                place = .inCall
                isLayout = true
                return true
            }
        }
    }

    /// A marker in the value is its text. Where a call is closed that did not open in it, and another opens behind that,
    /// the value has swallowed a call.
    private func note(_ role: MarkupFormat.Role) {
        switch role {
        case .callClose:
            if !hasOpening { hasStrayClose = true }
            hasOpening = false
        case .sectionOpen, .callOpen:
            if hasStrayClose { isBroken = true }
            hasOpening = true
        default: break
        }
    }

    /// Passes the value's text up to `end` on.
    private func pass(
        _ input: UnsafeRawBufferPointer, _ at: inout Int, _ end: Int, _ output: ParserOutput
    ) {
        value.take(input.slice(at..<end), format.entities == .everywhere, output, call)
        at = end
    }

    /// Whether the tag at `start` opens a parameter that the call lacks; nil when that has not all come.
    private func beginsMissing(_ input: UnsafeRawBufferPointer, _ start: Int, _ last: Bool) -> Bool? {
        guard !missing.isEmpty else { return false }
        var reader = TagReader(bytes: input, at: start)
        do throws(TagMismatch) {
            let name = input.slice(try format.parameterTag.read(&reader).name)
            return XMLEntities.withDecoded(name, format.entities != .nowhere) { missing.contains($0.string) }
        } catch {
            return error == .notYet && !last ? nil : false
        }
    }

    /// Whether another call opens right behind the call's closing tag, which ends at `start`: in the same section, or in
    /// one that opens behind the end of this one.
    private func isBeforeCall(_ input: UnsafeRawBufferPointer, _ start: Int, _ last: Bool) -> Bool? {
        var reader = TagReader(bytes: input, at: start)
        do throws(TagMismatch) {
            _ = try reader.space()
            guard !format.isSectionOneCall else {
                try reader.literal(format.sectionOpen)
                return true
            }
            try reader.expect(format.behindCall)
            guard reader.begins(format.sectionClose) else { return true }
            try reader.literal(format.sectionClose)
            _ = try reader.space()
            try reader.literal(format.sectionOpen)
            return true
        } catch {
            return error == .notYet && !last ? nil : false
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

    /// How much of the value before `end` is certain: not a newline that may be layout, not a beginning of an entity.
    private func heldEnd(_ input: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> Int {
        if end > start, input[end - 1] == 0x0a { return end - 1 }
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
