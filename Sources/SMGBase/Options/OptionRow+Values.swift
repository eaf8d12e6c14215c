/// Text to value, with the option's bounds. The command line, the environment and files all end here.
extension OptionRow {
    /// The text a dump shows in place of a secret; as a value it can only be a dump read back by mistake.
    static let redacted = Secret("").description

    /// Reads one value, or one element if the option is a list.
    func value(of text: String) throws(OptionFault) -> OptionValue {
        switch kind {
        case .bool: return .bool(try bool(text))
        case .integer(let range): return .integer(try integer(text, range))
        case .number(let range), .duration(let range, _): return .number(try number(text, range))
        case .numberList(let range, _): return .numbers([try number(text, range)])
        case .choice(let words): return .text(try choice(text, words))
        case .textList: return .texts([try plainText(text)])
        case .text, .path:
            let plain = try plainText(text)
            return isSecret ? .secret(Secret(plain)) : .text(plain)
        }
    }

    /// `list` with the elements of `more` behind it. Both must be values of this row.
    func appending(_ more: OptionValue, to list: OptionValue?) throws(OptionFault) -> OptionValue {
        switch (kind, list, more) {
        case (.textList(let maximum), .texts(let old)?, .texts(let new)):
            return .texts(try bounded(old + new, maximum))
        case (.numberList(_, let maximum), .numbers(let old)?, .numbers(let new)):
            return .numbers(try bounded(old + new, maximum))
        default: return more
        }
    }

    /// The list without elements, of this row's element type.
    var emptyList: OptionValue {
        if case .numberList = kind { return .numbers([]) }
        return .texts([])
    }

    private func bounded<Element>(_ elements: [Element], _ maximum: Int) throws(OptionFault) -> [Element] {
        guard elements.count <= maximum else {
            throw OptionFault(.outOfRange, "too many values, at most \(maximum) are allowed")
        }
        return elements
    }

    private func bool(_ text: String) throws(OptionFault) -> Bool {
        switch Suggestion.folded(text) {
        case "true", "yes", "on", "1": return true
        case "false", "no", "off", "0": return false
        default: throw OptionFault(.invalidValue, "\(Shown.value(text)) is neither true nor false")
        }
    }

    private func integer(_ text: String, _ range: ClosedRange<Int>) throws(OptionFault) -> Int {
        switch NumberText.whole(text) {
        case .value(let value) where range.contains(value): return value
        case .value, .tooLarge:
            throw outOfRange(text, String(range.lowerBound), String(range.upperBound))
        case .malformed: throw OptionFault(.invalidValue, "\(Shown.value(text)) is not a whole number")
        }
    }

    private func number(_ text: String, _ range: ClosedRange<Double>) throws(OptionFault) -> Double {
        guard let value = NumberText.decimal(text) else {
            throw OptionFault(.invalidValue, "\(Shown.value(text)) is not a number")
        }
        guard range.contains(value) else {
            throw outOfRange(text, NumberText.shown(range.lowerBound), NumberText.shown(range.upperBound))
        }
        return value
    }

    private func outOfRange(_ text: String, _ lower: String, _ upper: String) -> OptionFault {
        OptionFault(.outOfRange, "\(Shown.name(text)) is out of range, must be between \(lower) and \(upper)")
    }

    private func choice(_ text: String, _ words: [String]) throws(OptionFault) -> String {
        if words.contains(text) { return text }
        var message = "\(Shown.value(text)) is not one of \(words.joined(separator: ", "))"
        let folded = Suggestion.folded(text)
        // Words are compared in the folded spelling, so `Round-Robin` finds `round_robin`.
        if let close = Suggestion.closest(to: folded, among: words.map(Suggestion.folded)),
            let word = words.first(where: { Suggestion.folded($0) == close })
        {
            message += ", did you mean \(word)?"
        }
        throw OptionFault(.invalidValue, message)
    }

    /// Text that may stand in a header, a path or a URL: not empty, bounded, without control characters.
    private func plainText(_ text: String) throws(OptionFault) -> String {
        guard !text.isEmpty else { throw OptionFault(.invalidValue, "must not be empty") }
        guard text.utf8.count <= OptionLimits.maximumTextBytes else {
            throw OptionFault(.outOfRange, "longer than \(OptionLimits.maximumTextBytes) bytes")
        }
        guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else {
            throw OptionFault(.invalidValue, "must not contain control characters or line breaks")
        }
        guard !isSecret || text != OptionRow.redacted else {
            throw OptionFault(.invalidValue, "is the mark of a hidden value; put the value itself")
        }
        return text
    }
}
