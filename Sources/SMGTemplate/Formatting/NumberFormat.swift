internal import SMGBase

/// How a number or text is laid out: what `%` and `str.format` have in common.
struct FormatSpec {
    var fill = Value.string(" ").text
    /// `<`, `>`, `^` or `=`; 0 for the type's own.
    var align: UInt8 = 0
    /// Whether `=` is only what a zero before the width means for numbers.
    var isAlignedByZero = false
    /// `+`, `-` or a space; 0 for none.
    var sign: UInt8 = 0
    var isAlternate = false
    var width = 0
    /// `,` or `_` between groups of digits; 0 for none.
    var grouping: UInt8 = 0
    /// -1 when it is not given.
    var precision = -1
    /// 0 when it is not given.
    var type: UInt8 = 0
}

extension Renderer {
    /// Prints what was printed since `mark` again, padded to the width. `signCount`: bytes of sign and base in front,
    /// which `=` keeps there.
    func pad(from mark: Int, _ spec: FormatSpec, standard: UInt8, signCount: Int = 0) throws(Stop) {
        try checkOutput()
        let text = out.slice(mark..<out.writerIndex)
        let missing = spec.width - PythonText.count(text)
        guard missing > 0 else { return }
        try charge(missing)
        let value = try taken(from: mark).text
        let align = spec.align == 0 ? standard : spec.align
        let left =
            switch align {
            case UInt8(ascii: "<"): 0
            case UInt8(ascii: "^"): missing / 2
            default: missing
            }
        let head = align == UInt8(ascii: "=") ? signCount : 0
        out.append(value.slice(0..<head))
        for _ in 0..<left { out.append(spec.fill) }
        out.append(value.slice(head..<value.count))
        for _ in 0..<(missing - left) { out.append(spec.fill) }
        try checkOutput()
    }

    /// Prints the sign of a number and returns the bytes it takes.
    private func appendSign(_ isNegative: Bool, _ spec: FormatSpec) -> Int {
        if isNegative {
            out.append(UInt8(ascii: "-"))
        } else if spec.sign == UInt8(ascii: "+") || spec.sign == UInt8(ascii: " ") {
            out.append(spec.sign)
        } else {
            return 0
        }
        return 1
    }

    /// Prints an integer in the way `spec` asks for: types b, o, x, X and d.
    func append(whole: Int, _ spec: FormatSpec, digits minimum: Int = 0) throws(Stop) {
        let mark = out.writerIndex
        var head = appendSign(whole < 0, spec)
        let radix =
            switch spec.type {
            case UInt8(ascii: "b"): 2
            case UInt8(ascii: "o"): 8
            case UInt8(ascii: "x"), UInt8(ascii: "X"): 16
            default: 10
            }
        if spec.isAlternate, radix != 10 {
            out.append(UInt8(ascii: "0"))
            out.append(spec.type)
            head += 2
        }
        let digits = String(whole.magnitude, radix: radix, uppercase: spec.type == UInt8(ascii: "X"))
        try charge(max(0, minimum) + TemplateLimits.stepsPerNumber)
        for _ in 0..<max(0, minimum - digits.utf8.count) { out.append(UInt8(ascii: "0")) }
        try finishNumber(digits, "", mark, head, spec, group: radix == 10 ? 3 : 4)
    }

    /// Prints a float in the way `spec` asks for: types e, f, g, their capitals and %.
    func append(float value: Double, _ spec: FormatSpec) throws(Stop) {
        let mark = out.writerIndex
        let head = appendSign(value.sign == .minus && !value.isNaN, spec)
        let isUpper = spec.type &- 65 < 26
        let start = out.writerIndex
        let scaled = spec.type == UInt8(ascii: "%") ? value * 100 : value
        if !scaled.isFinite {
            out.append(scaled.isNaN ? (isUpper ? "NAN" : "nan") : (isUpper ? "INF" : "inf") as StaticString)
        } else {
            let precision = spec.precision < 0 ? 6 : spec.precision
            try charge(precision + ExactDecimal.steps(of: scaled))
            switch spec.type | 0x20 {
            case UInt8(ascii: "e"):
                PythonFloat.appendExponent(
                    scaled, places: precision, to: out, upper: isUpper, alternate: spec.isAlternate)
            case UInt8(ascii: "g"), UInt8(ascii: "n"):
                PythonFloat.appendGeneral(
                    scaled, precision: precision, to: out, upper: isUpper, alternate: spec.isAlternate)
            case 0x20 where spec.precision < 0:
                PythonFloat.append(scaled.magnitude, to: out)
            case 0x20: appendShort(scaled, precision)
            default: PythonFloat.appendFixed(scaled, places: precision, to: out, alternate: spec.isAlternate)
            }
        }
        if spec.type == UInt8(ascii: "%") { out.append(UInt8(ascii: "%")) }
        let text = out.slice(start..<out.writerIndex).string
        out.writerIndex = start
        let whole = text.prefix { $0.isASCII && $0.isNumber }
        try finishNumber(String(whole), String(text.dropFirst(whole.count)), mark, head, spec, group: 3)
    }

    /// Without a type, a precision means as many digits, but a float still looks like one.
    private func appendShort(_ value: Double, _ precision: Int) {
        let start = out.writerIndex
        PythonFloat.appendGeneral(value, precision: precision, to: out)
        let text = out.slice(start..<out.writerIndex)
        guard !text.contains(UInt8(ascii: ".")), !text.contains(UInt8(ascii: "e")) else { return }
        if text.count >= max(precision, 1) {
            out.writerIndex = start
            PythonFloat.appendExponent(value, places: max(precision - 1, 0), to: out)
            // Zeros at the end of the digits do not count.
            let spelled = out.slice(start..<out.writerIndex).string
            let parts = spelled.split(separator: "e", maxSplits: 1)
            if let digits = parts.first, digits.contains("."), parts.count == 2 {
                let trimmed = digits.trimmingZeros
                out.writerIndex = start
                out.append(string: trimmed + "e" + parts[1])
            }
        } else {
            out.append(".0")
        }
    }

    /// Prints digits with their groups and what follows them, and pads the whole.
    private func finishNumber(
        _ digits: String, _ rest: String, _ mark: Int, _ head: Int, _ spec: FormatSpec, group: Int
    ) throws(Stop) {
        var digits = Array(digits.utf8)
        let isZeroFilled = spec.align == UInt8(ascii: "=") && spec.fill.equals("0")
        if spec.grouping != 0, !digits.isEmpty {
            // Zeros that fill the width are grouped too.
            if isZeroFilled {
                let room = spec.width - head - rest.utf8.count
                var count = digits.count
                while count + (count - 1) / group < room { count += 1 }
                try charge(count)
                digits.insert(contentsOf: repeatElement(0x30, count: count - digits.count), at: 0)
            }
            var grouped: [UInt8] = []
            for (at, digit) in digits.enumerated() {
                if at > 0, (digits.count - at) % group == 0 { grouped.append(spec.grouping) }
                grouped.append(digit)
            }
            digits = grouped
        }
        out.append(contentsOf: digits)
        out.append(string: rest)
        try pad(from: mark, spec, standard: UInt8(ascii: ">"), signCount: head)
    }
}

extension Substring {
    /// Without zeros at the end, and without the point when nothing is left behind it.
    fileprivate var trimmingZeros: String {
        var digits = self
        while digits.hasSuffix("0") { digits.removeLast() }
        if digits.hasSuffix(".") { digits.removeLast() }
        return String(digits)
    }
}
