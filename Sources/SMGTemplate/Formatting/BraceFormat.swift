internal import SMGBase

// `str.format`: fields in braces.
extension Renderer {
    /// How fields without a name are numbered so far: -1 by hand, else the next number.
    private struct Numbering {
        var next = 0
        var isManual = false
    }

    func formatBraces(_ text: UnsafeRawBufferPointer, _ arguments: CallArguments) throws(Stop) -> Value {
        let mark = out.writerIndex
        var numbering = Numbering()
        try formatBraces(text, arguments, &numbering, depth: 2)
        return try taken(from: mark)
    }

    private func formatBraces(
        _ text: UnsafeRawBufferPointer, _ arguments: CallArguments, _ numbering: inout Numbering, depth: Int
    ) throws(Stop) {
        guard depth > 0 else { throw fail(.value, "Max string recursion exceeded") }
        var at = 0
        while at < text.count {
            let byte = text[at]
            let isBrace = byte == UInt8(ascii: "{") || byte == UInt8(ascii: "}")
            if isBrace, at + 1 < text.count, text[at + 1] == byte {
                out.append(byte)
                at += 2
            } else if byte == UInt8(ascii: "}") {
                throw fail(.value, "Single '}' encountered in format string")
            } else if byte == UInt8(ascii: "{") {
                let end = try fieldEnd(text, at + 1)
                try formatField(text.slice(at + 1..<end), arguments, &numbering, depth: depth)
                at = end + 1
                try charge()
                try checkOutput()
            } else {
                out.append(byte)
                at += 1
            }
        }
    }

    /// The closing brace of the field that starts at `start`.
    private func fieldEnd(_ text: UnsafeRawBufferPointer, _ start: Int) throws(Stop) -> Int {
        var depth = 1
        var at = start
        var inBrackets = false
        while at < text.count {
            switch text[at] {
            case UInt8(ascii: "["): inBrackets = true
            case UInt8(ascii: "]"): inBrackets = false
            case UInt8(ascii: "{") where !inBrackets: depth += 1
            case UInt8(ascii: "}") where !inBrackets:
                depth -= 1
                if depth == 0 { return at }
            default: break
            }
            at += 1
        }
        throw fail(
            .value,
            start == text.count ? "Single '{' encountered in format string" : "expected '}' before end of string")
    }

    private func formatField(
        _ field: UnsafeRawBufferPointer, _ arguments: CallArguments, _ numbering: inout Numbering, depth: Int
    ) throws(Stop) {
        // The name ends at the first ! or : outside of brackets.
        var end = 0
        var inBrackets = false
        while end < field.count {
            if field[end] == UInt8(ascii: "[") { inBrackets = true }
            if field[end] == UInt8(ascii: "]") { inBrackets = false }
            if !inBrackets, field[end] == UInt8(ascii: "!") || field[end] == UInt8(ascii: ":") { break }
            end += 1
        }
        var value = try fieldValue(field.slice(0..<end), arguments, &numbering)
        if end < field.count, field[end] == UInt8(ascii: "!") {
            guard end + 1 < field.count, end + 2 == field.count || field[end + 2] == UInt8(ascii: ":") else {
                throw fail(.value, "expected ':' after conversion specifier")
            }
            let conversion = field[end + 1]
            switch conversion {
            case UInt8(ascii: "s"): value = try text(value)
            case UInt8(ascii: "r"): value = try capture { () throws(Stop) in try printSpelled(value, depth: 0) }
            case UInt8(ascii: "a"): value = try capture { () throws(Stop) in try printASCII(value) }
            default: throw fail(.value, "Unknown conversion specifier \(Unicode.Scalar(conversion))")
            }
            end += 2
        }
        var specText = field.slice(min(end + 1, field.count)..<field.count)
        if specText.contains(UInt8(ascii: "{")) || specText.contains(UInt8(ascii: "}")) {
            let mark = out.writerIndex
            try formatBraces(specText, arguments, &numbering, depth: depth - 1)
            specText = try taken(from: mark).text
        }
        try format(value, specText)
    }

    private func fieldValue(
        _ name: UnsafeRawBufferPointer, _ arguments: CallArguments, _ numbering: inout Numbering
    ) throws(Stop) -> Value {
        var end = 0
        while end < name.count, name[end] != UInt8(ascii: "."), name[end] != UInt8(ascii: "[") { end += 1 }
        let first = name.slice(0..<end)
        var value = Value.missing
        if first.count == 0, name.count == 0 || first.allSatisfy(ASCII.isDigit) {
            guard !numbering.isManual else {
                throw fail(.value, "cannot switch from manual field specification to automatic field numbering")
            }
            value = arguments[numbering.next]
            numbering.next += 1
        } else if first.allSatisfy(ASCII.isDigit), first.count < 10 {
            guard numbering.next == 0 else {
                throw fail(.value, "cannot switch from manual field specification to automatic field numbering")
            }
            numbering.isManual = true
            value = arguments[Int(first.string) ?? arguments.count]
        } else {
            try charge(arguments.namedCount)
            for at in 0..<arguments.namedCount where arguments.name(at).text.isEqual(to: first) {
                value = arguments.value(at)
            }
        }
        guard !value.isMissing else { throw fail(.value, "format argument '\(first.string)' is missing") }
        while end < name.count {
            let isAttribute = name[end] == UInt8(ascii: ".")
            var stop = end + 1
            while stop < name.count,
                isAttribute
                    ? name[stop] != UInt8(ascii: ".") && name[stop] != UInt8(ascii: "[")
                    : name[stop] != UInt8(ascii: "]")
            { stop += 1 }
            let part = name.slice(end + 1..<stop)
            guard part.count > 0 else { throw fail(.value, "Empty attribute in format string") }
            let number = part.count < 10 && part.allSatisfy(ASCII.isDigit) ? Int(part.string) : nil
            if isAttribute {
                value = try attribute(of: value, .string(part), method: Method.number(part))
            } else if let number {
                value = try item(of: value, .int(number), method: 0)
            } else {
                value = try item(of: value, .string(part), method: Method.number(part))
            }
            end = isAttribute ? stop : stop + 1
        }
        return value
    }

    // MARK: - One value

    /// Prints `format(value, spec)`.
    private func format(_ value: Value, _ text: UnsafeRawBufferPointer) throws(Stop) {
        guard text.count > 0 else { return try print(value) }
        var spec = try parse(text)
        let mark = out.writerIndex
        switch value.tag {
        case .string:
            guard spec.type == 0 || spec.type == UInt8(ascii: "s") else { throw unknown(spec, value) }
            if spec.isAlignedByZero { spec.align = 0 }
            guard spec.sign == 0, spec.align != UInt8(ascii: "="), spec.grouping == 0, !spec.isAlternate else {
                throw fail(.value, "the format is not allowed for strings")
            }
            var text = value.text
            if spec.precision >= 0 { text = text.slice(0..<PythonText.offset(text, of: spec.precision)) }
            out.append(text)
            try pad(from: mark, spec, standard: UInt8(ascii: "<"))
        case .int, .bool:
            switch spec.type {
            case 0, UInt8(ascii: "d"), UInt8(ascii: "n"), UInt8(ascii: "b"), UInt8(ascii: "o"), UInt8(ascii: "x"),
                UInt8(ascii: "X"):
                guard spec.precision < 0 else {
                    throw fail(.value, "Precision not allowed in integer format specifier")
                }
                try append(whole: value.int, spec)
            case UInt8(ascii: "c"):
                guard let scalar = UInt32(exactly: value.int).flatMap(Unicode.Scalar.init) else {
                    throw fail(.value, "%c arg not in range(0x110000)")
                }
                guard spec.sign == 0 else { throw fail(.value, "Sign not allowed with integer format specifier 'c'") }
                out.append(string: String(Character(scalar)))
                try pad(from: mark, spec, standard: UInt8(ascii: ">"))
            default: try formatFloat(Double(value.int), value, spec)
            }
        case .float: try formatFloat(value.float, value, spec)
        default: throw fail(.type, "unsupported format string passed to \(typeName(value)).__format__")
        }
    }

    private func unknown(_ spec: FormatSpec, _ value: Value) -> Stop {
        fail(
            .value, "Unknown format code '\(Unicode.Scalar(spec.type))' for object of type '\(typeName(value))'")
    }

    private func formatFloat(_ number: Double, _ value: Value, _ spec: FormatSpec) throws(Stop) {
        guard spec.type == 0 || "eEfFgGn%".utf8.contains(spec.type) else { throw unknown(spec, value) }
        try append(float: number, spec)
    }

    /// Takes a format's layout apart.
    private func parse(_ text: UnsafeRawBufferPointer) throws(Stop) -> FormatSpec {
        func isAlign(_ offset: Int) -> Bool { offset < text.count && "<>=^".utf8.contains(text[offset]) }
        var spec = FormatSpec()
        var at = 0
        let width = PythonText.scalar(text, 0).width
        if isAlign(width) {
            spec.fill = text.slice(0..<width)
            spec.align = text[width]
            at = width + 1
        } else if isAlign(0) {
            spec.align = text[0]
            at = 1
        }
        func byte() -> UInt8 { at < text.count ? text[at] : 0 }
        if "+- ".utf8.contains(byte()) {
            spec.sign = text[at]
            at += 1
        }
        if byte() == UInt8(ascii: "#") {
            spec.isAlternate = true
            at += 1
        }
        if byte() == UInt8(ascii: "0") {
            if at < 2 || !isAlign(at - 1) || spec.align == 0 { spec.fill = Value.string("0").text }
            if spec.align == 0 {
                spec.align = UInt8(ascii: "=")
                spec.isAlignedByZero = true
            }
            at += 1
        }
        spec.width = try decimalCount(text, &at) ?? 0
        if byte() == UInt8(ascii: ",") || byte() == UInt8(ascii: "_") {
            spec.grouping = text[at]
            at += 1
        }
        if byte() == UInt8(ascii: ".") {
            at += 1
            guard let precision = try decimalCount(text, &at) else {
                throw fail(.value, "Format specifier missing precision")
            }
            spec.precision = precision
        }
        if at < text.count {
            spec.type = text[at]
            at += 1
        }
        guard at == text.count else { throw fail(.value, "Invalid format specifier") }
        return spec
    }
}
