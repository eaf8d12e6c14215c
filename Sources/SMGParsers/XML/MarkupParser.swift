internal import SMGBase

/// Reads calls written in tags, by the table of their family.
///
/// Held back is only what may still become a marker, a tag that is not whole, and whitespace that may be layout. Text
/// values are passed on as they come; typed ones when they are whole, or as soon as they can only be text.
///
/// What does not fit, and where it goes:
/// - a section's opening without a call in it: content, as it stands;
/// - text between calls or between parameters: content; the call it stands in goes on;
/// - a section or a call that opens in a call: that call ends there;
/// - whitespace between sections, and behind the last: layout;
/// - the end of the answer in a call: the arguments so far stand as they are, and the call is not complete.
///
/// A value ends at the first closing tag that is followed, after whitespace, by another marker of the format or by the
/// end of the answer. Any other closing tag is text of the value: a model that writes about such tags, or writes XML
/// that has them, is read as it means.
///
/// Where the closing tag was forgotten, a value ends before a parameter that the tool declares and the call has not had
/// yet, and before the end of the call when another call opens right behind it. A value that has swallowed a call all
/// the same leaves its own incomplete.
final class MarkupParser: StreamParser {
    enum Place {
        case outside, between, inCall, inValue, inJSONBody, inBrokenBody
    }

    let format: MarkupFormat
    private let options: ToolParserOptions
    var place = Place.outside
    /// Whether only whitespace has come since the last marker: it is layout, if another marker follows.
    var isLayout = false
    /// Whether the open section's first marker went into the content; then its last one does too.
    var isSectionContent = false
    /// Whether the last call went into the content; then so does what closes it.
    private var isCallContent = false

    /// The open call's number and function.
    var call = 0
    var tool: ToolSet.Tool?
    var hasParameters = false
    /// The declared parameters that the open call has not had.
    var missing: Set<String> = []
    var isBroken = false
    var body = JSONStream()
    /// The open parameter's value.
    var value = ParameterValue()
    /// Whether the value's text closes a call that did not open in it; whether it has opened one.
    var hasStrayClose = false
    var hasOpening = false

    init(_ format: MarkupFormat, _ options: ToolParserOptions) {
        self.format = format
        self.options = options
        super.init()
    }

    override func advance(_ input: UnsafeRawBufferPointer, last: Bool, _ output: ParserOutput) -> Int {
        var at = 0
        var goesOn = true
        while goesOn {
            switch place {
            case .outside: goesOn = scan(format.outside, input, &at, last, output)
            case .between: goesOn = scan(format.between, input, &at, last, output)
            case .inCall: goesOn = scan(format.inCall, input, &at, last, output)
            case .inValue: goesOn = readValue(input, &at, last, output)
            case .inJSONBody: goesOn = readBody(input, &at, last, output)
            case .inBrokenBody: goesOn = passBrokenBody(input, &at, last, output)
            }
        }
        guard last else { return at }
        switch place {
        case .outside: return at
        case .between: return input.count
        case .inValue: value.cut(output, call)
        default: break
        }
        output.endCall(call, complete: false)
        return input.count
    }

    override var isInCall: Bool { place != .outside && place != .between }
}

// MARK: - Markers

extension MarkupParser {
    /// Deals with what comes up to the next marker, and with that marker. False when more is needed.
    private func scan(
        _ table: MarkupFormat.Table, _ input: UnsafeRawBufferPointer, _ at: inout Int, _ last: Bool,
        _ output: ParserOutput
    ) -> Bool {
        if isLayout {
            let end = TagReader.spaceEnd(input, at)
            if end - at <= ParserLimits.maximumSeparatorBytes {
                if beginsJSONBody(input, end) {
                    at = end
                    beginJSONBody()
                    return true
                }
                switch table.scanner.marker(in: input, at: end, last: false) {
                case .no: break
                case .whole(let index):
                    return take(table, index, end..<end + table.counts[index], input, &at, last, output)
                case .open:
                    if !last { return false }
                    // Whitespace at the end, and what began a marker when the answer was cut, is no text.
                    if place != .outside || end == input.count { at = input.count }
                }
            }
            isLayout = false
        }
        guard let (index, range) = table.scanner.passContent(input, &at, last, output) else { return false }
        return take(table, index, range, input, &at, last, output)
    }

    /// Deals with the marker at `range`; between `at` and it is layout. False when more is needed.
    private func take(
        _ table: MarkupFormat.Table, _ index: Int, _ range: Range<Int>, _ input: UnsafeRawBufferPointer,
        _ at: inout Int, _ last: Bool, _ output: ParserOutput
    ) -> Bool {
        switch table.roles[index] {
        case .sectionOpen, .callOpen:
            if place == .inCall {
                // The call was not closed.
                endCall(output)
                place = table.roles[index] == .callOpen ? .between : .outside
                at = range.lowerBound
                return true
            }
            return openCall(table.roles[index], range, input, &at, last, output)
        case .parameter: return openParameter(range, input, &at, last, output)
        case .callClose: endCall(output)
        case .sectionClose:
            if place == .inCall { endCall(output) }
            place = .outside
            if isSectionContent {
                isSectionContent = false
                return passOn(range.upperBound, input, &at, output)
            }
        // Between calls only what closes one is left out.
        case .ignored where place == .between && isCallContent: return passOn(range.upperBound, input, &at, output)
        case .ignored, .valueClose: break
        }
        at = range.upperBound
        isLayout = true
        return true
    }

    private func endCall(_ output: ParserOutput) {
        if !hasParameters { output.arguments(call, "{") }
        if body.status != .complete { output.arguments(call, "}") }
        output.endCall(call, complete: !isBroken)
        place = format.isSectionOneCall ? .outside : .between
    }

    /// Reads the tag of `role` at `range`, of a section with its first call or of a further call.
    private func openCall(
        _ role: MarkupFormat.Role, _ range: Range<Int>, _ input: UnsafeRawBufferPointer, _ at: inout Int,
        _ last: Bool, _ output: ParserOutput
    ) -> Bool {
        var reader = TagReader(bytes: input, at: range.lowerBound)
        let found: MarkupTag.Found
        do throws(TagMismatch) {
            if role == .sectionOpen {
                try reader.literal(format.sectionOpen)
                _ = try reader.space()
            }
            if let prefix = format.callPrefix {
                try reader.literal(prefix)
                _ = try reader.space()
            }
            found = try format.callTag.read(&reader)
        } catch {
            if error == .notYet, !last { return false }
            return passOn(range.upperBound, input, &at, output)
        }
        let raw = input.slice(found.name)
        return XMLEntities.withDecoded(raw, format.entities != .nowhere) { name in
            guard options.accepts(name) else {
                if role == .sectionOpen, !format.isSectionOneCall {
                    place = .between
                    isSectionContent = true
                }
                isCallContent = true
                return passOn(reader.at, input, &at, output)
            }
            if role == .sectionOpen { isSectionContent = false }
            isCallContent = false
            tool = options.tools.tool(named: name)
            call = beginCall(output, name: name)
            hasParameters = false
            missing = tool.map { Set($0.parameters.keys) } ?? []
            isBroken = false
            body = JSONStream()
            place = .inCall
            isLayout = true
            at = reader.at
            return true
        }
    }

    /// Everything up to `end` is content after all.
    func passOn(
        _ end: Int, _ input: UnsafeRawBufferPointer, _ at: inout Int, _ output: ParserOutput
    ) -> Bool {
        output.content(input.slice(at..<end))
        at = end
        isLayout = false
        return true
    }
}
