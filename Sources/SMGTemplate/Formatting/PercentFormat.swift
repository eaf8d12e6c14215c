internal import SMGBase

// `text % values`, printf's way.
extension Renderer {
    /// Where the values of a format come from.
    private struct PercentValues {
        var items: UnsafeBufferPointer<Value>
        var mapping: Value
        /// A mapping may have values that nobody asks for; so may a list, which Python takes for one.
        var mayHaveMore: Bool
        var next = 0
    }

    func formatPercent(_ template: Value, _ values: Value) throws(Stop) -> Value {
        let text = template.text
        try chargeText(text.count)
        let single = try make(values)
        var source = PercentValues(
            items: values.tag == .tuple
                ? try items(values.list) : UnsafeBufferPointer(start: UnsafePointer(single), count: 1),
            mapping: values.tag == .dict ? values : .missing,
            mayHaveMore: [.dict, .list, .undefined, .range].contains(values.tag))
        let mark = out.writerIndex
        var at = 0
        while at < text.count {
            guard let percent = text.firstIndex(of: UInt8(ascii: "%"), from: at) else { break }
            out.append(text.slice(at..<percent))
            at = percent + 1
            try formatOne(text, &at, &source)
            try charge()
            try checkOutput()
        }
        out.append(text.slice(min(at, text.count)..<text.count))
        if source.next < source.items.count, !source.mayHaveMore {
            throw fail(.type, "not all arguments converted during string formatting")
        }
        return try taken(from: mark, safe: template.isSafe)
    }

    private func nextValue(_ source: inout PercentValues) throws(Stop) -> Value {
        guard source.next < source.items.count else { throw fail(.type, "not enough arguments for format string") }
        source.next += 1
        return source.items[source.next - 1]
    }

    private func formatOne(
        _ text: UnsafeRawBufferPointer, _ at: inout Int, _ source: inout PercentValues
    ) throws(Stop) {
        func byte() -> UInt8 { at < text.count ? text[at] : 0 }
        var keyed = Value.missing
        if byte() == UInt8(ascii: "(") { keyed = try keyedValue(text, &at, source) }
        var spec = FormatSpec()
        var isZeroFilled = false
        flags: while at < text.count {
            switch text[at] {
            case UInt8(ascii: "-"): spec.align = UInt8(ascii: "<")
            case UInt8(ascii: "+"): spec.sign = UInt8(ascii: "+")
            case UInt8(ascii: " "): if spec.sign == 0 { spec.sign = UInt8(ascii: " ") }
            case UInt8(ascii: "#"): spec.isAlternate = true
            case UInt8(ascii: "0"): isZeroFilled = true
            default: break flags
            }
            at += 1
        }
        if let width = try count(text, &at, &source) {
            spec.width = abs(width)
            if width < 0 { spec.align = UInt8(ascii: "<") }
        }
        if byte() == UInt8(ascii: ".") {
            at += 1
            spec.precision = max(try count(text, &at, &source) ?? 0, 0)
        }
        if "hlL".utf8.contains(byte()) { at += 1 }
        guard at < text.count else { throw fail(.value, "incomplete format") }
        spec.type = text[at]
        at += 1
        if spec.type == UInt8(ascii: "%") { return out.append(UInt8(ascii: "%")) }
        guard "diouxXeEfFgGcrsa".utf8.contains(spec.type) else {
            throw fail(.value, "unsupported format character '\(Unicode.Scalar(spec.type))'")
        }
        let value = keyed.isMissing ? try nextValue(&source) : keyed
        if "crsa".utf8.contains(spec.type) { return try formatText(value, spec) }
        if isZeroFilled, spec.align == 0 {
            spec.align = UInt8(ascii: "=")
            spec.fill = Value.string("0").text
        }
        try formatNumber(value, spec)
    }

    /// A number or `*` in a format.
    private func count(
        _ text: UnsafeRawBufferPointer, _ at: inout Int, _ source: inout PercentValues
    ) throws(Stop) -> Int? {
        if at < text.count, text[at] == UInt8(ascii: "*") {
            at += 1
            guard let width = try nextValue(&source).index else { throw fail(.type, "* wants int") }
            guard width.magnitude <= TemplateLimits.maximumPadding else { throw outOfMemory() }
            return width
        }
        return try decimalCount(text, &at)
    }

    /// A decimal number in a format; nil when there is none.
    func decimalCount(_ text: UnsafeRawBufferPointer, _ at: inout Int) throws(Stop) -> Int? {
        var value: Int?
        while at < text.count, ASCII.isDigit(text[at]) {
            value = (value ?? 0) * 10 + Int(text[at] - 48)
            guard (value ?? 0) <= TemplateLimits.maximumPadding else { throw outOfMemory() }
            at += 1
        }
        return value
    }

    private func keyedValue(
        _ text: UnsafeRawBufferPointer, _ at: inout Int, _ source: PercentValues
    ) throws(Stop) -> Value {
        guard !source.mapping.isMissing else { throw fail(.type, "format requires a mapping") }
        var depth = 1
        let start = at + 1
        at += 1
        while at < text.count, depth > 0 {
            if text[at] == UInt8(ascii: "(") { depth += 1 }
            if text[at] == UInt8(ascii: ")") { depth -= 1 }
            at += 1
        }
        guard depth == 0 else { throw fail(.value, "incomplete format key") }
        let value = try member(source.mapping.dict, text.slice(start..<at - 1))
        guard !value.isMissing else { throw fail(.value, "key '\(text.slice(start..<at - 1).string)' is missing") }
        return value
    }

    private func formatText(_ value: Value, _ spec: FormatSpec) throws(Stop) {
        let mark = out.writerIndex
        switch spec.type {
        case UInt8(ascii: "r"): try printSpelled(value, depth: 0)
        case UInt8(ascii: "a"): try printASCII(value)
        case UInt8(ascii: "c"):
            if let code = value.index {
                guard let scalar = UInt32(exactly: code).flatMap(Unicode.Scalar.init) else {
                    throw fail(.value, "%c arg not in range(0x110000)")
                }
                out.append(string: String(Character(scalar)))
            } else {
                guard value.isString, PythonText.count(value.text) == 1 else {
                    throw fail(.type, "%c requires int or char")
                }
                out.append(value.text)
            }
        default: try print(value)
        }
        if spec.precision >= 0, spec.type != UInt8(ascii: "c") {
            let length = PythonText.offset(out.slice(mark..<out.writerIndex), of: spec.precision)
            try discard(from: mark + length)
        }
        try pad(from: mark, spec, standard: UInt8(ascii: ">"))
    }

    /// Prints `ascii(value)`.
    func printASCII(_ value: Value) throws(Stop) {
        let spelled = try capture { () throws(Stop) in try printSpelled(value, depth: 0) }.text
        var at = 0
        while at < spelled.count {
            let (scalar, width) = PythonText.scalar(spelled, at)
            if scalar < 0x80 {
                out.append(UInt8(scalar))
            } else {
                let digits = scalar < 0x100 ? 2 : scalar < 0x10000 ? 4 : 8
                out.append(digits == 2 ? "\\x" : digits == 4 ? "\\u" : "\\U" as StaticString)
                PythonText.appendHex(scalar, digits: digits, to: out)
            }
            at += width
        }
    }

    private func formatNumber(_ value: Value, _ spec: FormatSpec) throws(Stop) {
        let symbol = Unicode.Scalar(spec.type)
        switch spec.type {
        case UInt8(ascii: "d"), UInt8(ascii: "i"), UInt8(ascii: "u"), UInt8(ascii: "o"), UInt8(ascii: "x"),
            UInt8(ascii: "X"):
            var whole = value.index
            let isDecimal = !"oxX".utf8.contains(spec.type)
            if whole == nil, value.tag == .float, isDecimal {
                guard value.float.isFinite else { throw fail(.value, "cannot convert float to integer") }
                whole = Int(exactly: value.float.rounded(.towardZero))
                if whole == nil { throw fail(.value, "integer result does not fit 64 bits") }
            }
            if value.tag == .bigInt { throw fail(.value, "integer result does not fit 64 bits") }
            if whole == nil, value.isUndefined, isDecimal { throw undefinedError(value) }
            guard let whole else {
                throw fail(
                    .type,
                    "%\(symbol) format: \(isDecimal ? "a real number" : "an integer") is required, not \(typeName(value))"
                )
            }
            var spec = spec
            if isDecimal { spec.type = UInt8(ascii: "d") }
            try append(whole: whole, spec, digits: spec.precision)
        default:
            if value.isUndefined { throw undefinedError(value) }
            guard let number = value.number else {
                throw fail(.type, "must be real number, not \(typeName(value))")
            }
            try append(float: number, spec)
        }
    }
}
