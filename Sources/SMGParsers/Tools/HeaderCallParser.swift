internal import SMGBase

/// Parses the formats whose calls have their name in a header; `HeaderCallFormat` says how they are marked.
///
/// A header is held until it is whole. One that names no function is content, exactly as it came, with the markers
/// before it. Whitespace alone around calls is their separator.
final class HeaderCallParser: StreamParser {
    private enum State {
        /// Text, up to a marker.
        case text
        /// A marker of a section or a call stands at the beginning of the input.
        case header
        /// The header is whole; the arguments have not begun.
        case beforeArguments
        case arguments
        /// The arguments are whole; their call's end has not come.
        case behindArguments
        /// Behind a call.
        case after
        /// A call whose arguments are no JSON, up to the next marker.
        case broken
    }

    /// The positions of the markers in `markers`.
    private enum Marker {
        static let sectionBegin = 0
        static let callBegin = 1
        static let callEnd = 2
        static let sectionEnd = 3
    }

    /// Bytes of "```json" and of "```".
    private static let openingFence = 7
    private static let fence = 3
    /// Whitespace before a closing fence that belongs to it, and letters behind an opening one.
    private static let maximumFenceSpace = 16
    private static let maximumLanguage = 32

    private let format: HeaderCallFormat
    private let options: ToolParserOptions
    /// What ends text: beginnings, then what is dropped.
    private let beginnings: MarkerScanner
    /// The same, then the ends of a call and of a section, for text in which one of them is still to come.
    private let owing: MarkerScanner
    /// What may stand around arguments, in the order of `Marker`, then the fences.
    private let markers: MarkerScanner
    /// What may stand behind arguments: the same, but a fence is a fence, whatever follows it.
    private let tails: MarkerScanner
    private let separator: MarkerScanner

    private var state = State.text
    /// How much of a header, from the beginning of the input, is known to hold no separator.
    private var scanned = 0
    private var call = 0
    private var reader = ArgumentsReader(call: 0)
    private var isFenced = false
    /// Whether an opening fence without `json` stands right before the input.
    private var mayNameLanguage = false
    /// Whether a call's end, and a section's, have not come: they are no text, whatever stands before them.
    private var owesCallEnd = false
    private var owesSectionEnd = false

    init(_ format: HeaderCallFormat, _ options: ToolParserOptions) {
        self.format = format
        self.options = options
        beginnings = MarkerScanner([format.sectionBegin, format.callBegin] + format.dropped)
        owing = MarkerScanner(
            [format.sectionBegin, format.callBegin] + format.dropped + [format.callEnd, format.sectionEnd])
        let isFenced = format.header == .typedAndFenced
        let ends = [format.sectionBegin, format.callBegin, format.callEnd, format.sectionEnd]
        markers = MarkerScanner(ends + (isFenced ? ["```json", "```"] : []))
        tails = MarkerScanner(ends + (isFenced ? ["```"] : []))
        separator = MarkerScanner(format.separator, format.callBegin, format.callEnd, format.sectionEnd)
    }

    override func advance(_ input: UnsafeRawBufferPointer, last: Bool, _ output: ParserOutput) -> Int {
        var at = 0
        var goesOn = true
        while goesOn, at < input.count {
            switch state {
            case .text: goesOn = text(input, &at, last, output)
            case .header: goesOn = header(input, &at, last, output)
            case .beforeArguments: goesOn = beforeArguments(input, &at, last, output)
            case .arguments: arguments(input, &at, output)
            case .behindArguments: goesOn = behindArguments(input, &at, last, output)
            case .after: goesOn = after(input, &at, last, output)
            case .broken: goesOn = broken(input, &at, last, output)
            }
        }
        if last { end(output) }
        return at
    }

    override var isInCall: Bool {
        switch state {
        case .beforeArguments, .arguments, .broken: true
        default: false
        }
    }

    /// The answer is over.
    private func end(_ output: ParserOutput) {
        switch state {
        case .beforeArguments, .arguments, .broken:
            reader.finish(output)
            output.endCall(call, complete: false)
        case .behindArguments: output.endCall(call, complete: false)
        default: break
        }
        state = .text
    }
}

// MARK: - Text and headers

extension HeaderCallParser {
    private func text(_ input: UnsafeRawBufferPointer, _ at: inout Int, _ last: Bool, _ output: ParserOutput) -> Bool {
        let scanner = owesCallEnd || owesSectionEnd ? owing : beginnings
        guard let (index, range) = scanner.passContent(input, &at, last, output) else { return false }
        if index <= Marker.callBegin {
            scanned = 0
            state = .header
            return true
        }
        at = range.upperBound
        let end = index - Marker.callBegin - 1 - format.dropped.count
        guard end >= 0 else { return true }
        let isOwed = end == 0 ? owesCallEnd : owesSectionEnd
        owesCallEnd = false
        if end > 0 { owesSectionEnd = false }
        if isOwed { state = .after } else { output.content(input.slice(range)) }
        return true
    }

    /// The markers and the header of a call, from its first marker, which is at `at`.
    private func header(
        _ input: UnsafeRawBufferPointer, _ at: inout Int, _ last: Bool, _ output: ParserOutput
    ) -> Bool {
        let start = at
        func giveUp(_ end: Int) -> Bool {
            output.content(input.slice(start..<end))
            at = end
            state = .text
            return true
        }
        var begin = whitespaceEnd(input, at)
        var opensSection = false
        if case .whole(Marker.sectionBegin) = markers.marker(in: input, at: begin, last: last) {
            opensSection = true
            begin = whitespaceEnd(input, begin + format.sectionBegin.utf8CodeUnitCount)
            guard begin < input.count else { return false }
        }
        switch markers.marker(in: input, at: begin, last: last) {
        case .open: return false
        case .whole(Marker.callBegin): begin += format.callBegin.utf8CodeUnitCount
        default: return giveUp(begin)
        }
        let bound = min(input.count, begin + 2 * ParserLimits.maximumNameBytes)
        let visible = input.slice(0..<bound)
        switch separator.first(in: visible, from: max(begin, start + scanned), last: last) {
        case .none(let safe):
            scanned = safe - start
            return bound < begin + 2 * ParserLimits.maximumNameBytes ? false : giveUp(safe)
        case .marker(0, let range):
            guard headerEnd(input, begin..<range.lowerBound, range.upperBound, &at, last, output) else { return false }
            // Whether the header was a call's.
            if state == .beforeArguments {
                owesCallEnd = false
                if opensSection { owesSectionEnd = true }
            }
            return true
        case .marker(_, let range): return giveUp(range.lowerBound)
        }
    }

    /// A header that is whole up to its separator: begins the call.
    private func headerEnd(
        _ input: UnsafeRawBufferPointer, _ header: Range<Int>, _ next: Int, _ at: inout Int, _ last: Bool,
        _ output: ParserOutput
    ) -> Bool {
        let start = at
        func giveUp(_ end: Int) -> Bool {
            output.content(input.slice(start..<end))
            at = end
            state = .text
            return true
        }
        var name = trimmed(input.slice(header))
        var id: UnsafeRawBufferPointer?
        var next = next
        switch format.header {
        case .name: break
        case .typedAndFenced:
            guard name.equals("function") else { return giveUp(next) }
            let bound = min(input.count, next + ParserLimits.maximumNameBytes)
            var end = next
            while end < bound, input[end] != UInt8(ascii: "\n"), input[end] != UInt8(ascii: "`"),
                input[end] != UInt8(ascii: "{"), input[end] != UInt8(ascii: "<")
            {
                end += 1
            }
            if end == bound {
                return end - next < ParserLimits.maximumNameBytes && !last ? false : giveUp(end)
            }
            name = trimmed(input.slice(next..<end))
            next = end
        case .kimi:
            id = name
            guard let inner = Self.kimiName(name) else { return giveUp(next) }
            name = inner
        }
        guard 1...ParserLimits.maximumNameBytes ~= name.count, options.accepts(name) else { return giveUp(next) }
        call = beginCall(output, name: name, id: id)
        at = next
        reader = ArgumentsReader(call: call, wraps: format.wrapsValues)
        isFenced = false
        mayNameLanguage = false
        state = .beforeArguments
        return true
    }

    /// The name in `functions.name:number`, whose first word may be missing; nil when it is something else.
    private static func kimiName(_ id: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        guard let colon = id.lastIndex(of: UInt8(ascii: ":")), colon + 1 < id.count,
            id[(colon + 1)...].allSatisfy(ASCII.isDigit)
        else { return nil }
        let start = id.hasPrefix("functions.") ? 10 : 0
        guard start < colon else { return nil }
        let name = id.slice(start..<colon)
        return name.allSatisfy(CallName.isNameByte) ? name : nil
    }

    private func trimmed(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var start = 0
        var end = bytes.count
        while start < end, JSONStream.isWhitespace(bytes[start]) { start += 1 }
        while end > start, JSONStream.isWhitespace(bytes[end - 1]) { end -= 1 }
        return bytes.slice(start..<end)
    }

    private func whitespaceEnd(_ input: UnsafeRawBufferPointer, _ start: Int) -> Int {
        // Whitespace beyond the limit is not looked at, whatever the piece holds.
        let bound = min(input.count, start + ParserLimits.maximumSeparatorBytes)
        var at = start
        while at < bound, JSONStream.isWhitespace(input[at]) { at += 1 }
        return at
    }
}

// MARK: - Arguments

extension HeaderCallParser {
    /// Drops whitespace and the opening fence, with the language that it names.
    private func beforeArguments(
        _ input: UnsafeRawBufferPointer, _ at: inout Int, _ last: Bool, _ output: ParserOutput
    ) -> Bool {
        if mayNameLanguage {
            let bound = min(input.count, at + Self.maximumLanguage)
            var end = at
            while end < bound, ASCII.lowercased(input[end]) &- 97 < 26 { end += 1 }
            if end == input.count, end < at + Self.maximumLanguage {
                if last { at = end }
                return false
            }
            if end < input.count, input[end] == 0x0a { at = end }
            mayNameLanguage = false
        }
        if JSONStream.isWhitespace(input[at]) {
            at += 1
            return true
        }
        switch markers.marker(in: input, at: at, last: last) {
        case .open: return false
        case .no: state = .arguments
        case .whole(let index) where index > Marker.sectionEnd && !isFenced:
            isFenced = true
            mayNameLanguage = index > Marker.sectionEnd + 1
            at += index == Marker.sectionEnd + 1 ? Self.openingFence : Self.fence
        case .whole(let index):
            // No arguments at all.
            output.arguments(call, "{}")
            if index > Marker.sectionEnd {
                state = .behindArguments
            } else {
                endCall(index, &at, complete: true, output)
            }
        }
        return true
    }

    private func arguments(_ input: UnsafeRawBufferPointer, _ at: inout Int, _ output: ParserOutput) {
        at = reader.consume(input, from: at, to: output)
        if reader.status == .complete { state = .behindArguments }
        if reader.status == .invalid {
            reader.finish(output)
            state = .broken
        }
    }

    /// Drops whitespace, the closing fence and the end of the call. Anything else is content.
    private func behindArguments(
        _ input: UnsafeRawBufferPointer, _ at: inout Int, _ last: Bool, _ output: ParserOutput
    ) -> Bool {
        let next = whitespaceEnd(input, at)
        guard next < input.count else {
            if last { at = next }
            return false
        }
        let complete = reader.isComplete || reader.status == .open
        // A marker that was cut is not one: then the answer ended inside the call.
        switch tails.marker(in: input, at: next, last: false) {
        case .open: return false
        case .no:
            output.endCall(call, complete: complete)
            owesCallEnd = true
            state = .text
        case .whole(let index) where index > Marker.sectionEnd:
            at = next + Self.fence
        case .whole(let index):
            at = next
            endCall(index, &at, complete: complete, output)
        }
        return true
    }

    /// Passes a broken call's text on as arguments, up to a marker. A fence that closes them is none of them.
    private func broken(
        _ input: UnsafeRawBufferPointer, _ at: inout Int, _ last: Bool, _ output: ParserOutput
    ) -> Bool {
        var from = at
        while true {
            switch tails.first(in: input, from: from, last: last) {
            case .none(let safe):
                let end = isFenced && !last ? fenceStart(input, at, safe) : safe
                output.arguments(call, input.slice(at..<end))
                at = end
                return false
            case .marker(let index, let range) where index > Marker.sectionEnd:
                guard let closes = isFenced ? isClosing(input, range.upperBound, last) : false else {
                    let end = fenceStart(input, at, range.lowerBound)
                    output.arguments(call, input.slice(at..<end))
                    at = end
                    return false
                }
                from = range.upperBound
                if closes {
                    output.arguments(call, input.slice(at..<fenceStart(input, at, range.lowerBound)))
                    at = whitespaceEnd(input, from)
                    from = at
                }
            case .marker(let index, let range):
                output.arguments(call, input.slice(at..<range.lowerBound))
                at = range.lowerBound
                endCall(index, &at, complete: false, output)
                return true
            }
        }
    }

    /// Where the whitespace before `end` begins that belongs to a fence there.
    private func fenceStart(_ input: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> Int {
        let bound = max(start, end - Self.maximumFenceSpace)
        var at = end
        while at > bound, JSONStream.isWhitespace(input[at - 1]) { at -= 1 }
        return at
    }

    /// Whether the fence before `start` is the last of the arguments: a marker follows, or nothing. Nil when that has not
    /// come.
    private func isClosing(_ input: UnsafeRawBufferPointer, _ start: Int, _ last: Bool) -> Bool? {
        let next = whitespaceEnd(input, start)
        guard next < input.count else { return last ? true : nil }
        switch tails.marker(in: input, at: next, last: last) {
        case .open: return nil
        case .no: return false
        case .whole(let index): return index <= Marker.sectionEnd
        }
    }

    /// The call ends at marker `index`, which stands at `at`.
    private func endCall(_ index: Int, _ at: inout Int, complete: Bool, _ output: ParserOutput) {
        output.endCall(call, complete: complete)
        if index == Marker.callEnd { at += format.callEnd.utf8CodeUnitCount }
        state = .after
    }

    /// Behind a call: another one, the end of the section, or text.
    private func after(_ input: UnsafeRawBufferPointer, _ at: inout Int, _ last: Bool, _ output: ParserOutput) -> Bool {
        let next = whitespaceEnd(input, at)
        guard next < input.count else {
            if last { at = next }
            return false
        }
        switch markers.marker(in: input, at: next, last: last) {
        case .open: return false
        case .whole(Marker.sectionEnd):
            owesSectionEnd = false
            at = next + format.sectionEnd.utf8CodeUnitCount
        case .whole(Marker.sectionBegin), .whole(Marker.callBegin):
            scanned = 0
            state = .header
        default:
            switch beginnings.marker(in: input, at: next, last: last) {
            case .open: return false
            // What is dropped anywhere takes the whitespace before it along.
            case .whole: at = next
            case .no: break
            }
            state = .text
        }
        return true
    }
}
