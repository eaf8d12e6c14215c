internal import SMGBase

/// How `tojson` writes: Python's `json.dumps`.
struct JSONStyle {
    var isASCII = false
    /// What a level is indented with; nil for one line.
    var indent: UnsafeRawBufferPointer?
    var itemSeparator = Value.string(", ").text
    var keySeparator = Value.string(": ").text
    var sortsKeys = false
}

extension Renderer {
    /// Prints `value|tojson(arguments)`.
    func appendJSON(_ value: Value, _ arguments: CallArguments) throws(Stop) {
        if arguments.count == 0, arguments.namedCount == 0 { return try appendJSON(value, JSONStyle(), depth: 0) }
        var reader = ArgumentReader(arguments, "tojson")
        var style = JSONStyle()
        style.isASCII = try reader.flag("ensure_ascii", self)
        let indent = try reader.next("indent", self)
        let separators = try reader.next("separators", self)
        style.sortsKeys = try reader.flag("sort_keys", self)
        try reader.finish(self)
        if !indent.isMissing, indent.tag != .none {
            if indent.isString {
                style.indent = indent.text
            } else {
                let width = max(try wholeNumber(indent), 0)
                guard width <= TemplateLimits.maximumPadding else { throw outOfMemory() }
                style.indent = try capture { () throws(Stop) in
                    try reserve(width)
                    for _ in 0..<width { out.append(UInt8(ascii: " ")) }
                }.text
            }
            style.itemSeparator = Value.string(",").text
        }
        if !separators.isMissing, separators.tag != .none {
            let parts = try listed(separators)
            guard parts.count == 2 else { throw fail(.value, "tojson: separators must be two strings") }
            guard parts[0].isString, parts[1].isString else { throw fail(.type, "tojson: separators must be strings") }
            style.itemSeparator = parts[0].text
            style.keySeparator = parts[1].text
        }
        try appendJSON(value, style, depth: 0)
    }

    private func appendJSON(_ value: Value, _ style: JSONStyle, depth: Int) throws(Stop) {
        guard depth < TemplateLimits.maximumValueDepth else { throw tooDeep() }
        try charge()
        switch value.tag {
        case .none: out.append("null")
        case .bool: out.append(value.bool ? "true" : "false" as StaticString)
        case .int: out.append(decimal: value.int)
        case .bigInt: out.append(value.text)
        case .float:
            try charge(TemplateLimits.stepsPerNumber)
            appendJSON(value.float)
        case .string:
            try chargeText(value.text.count)
            appendJSON(value.text, isASCII: style.isASCII)
        case .list, .tuple:
            let items = try items(value.list)
            guard items.count > 0 else { return out.append("[]") }
            out.append(UInt8(ascii: "["))
            for at in 0..<items.count {
                try separate(at, style, depth)
                try appendJSON(items[at], style, depth: depth + 1)
            }
            try endContainer(style, depth)
            out.append(UInt8(ascii: "]"))
        case .dict: try appendJSON(value.dict, style, depth)
        default: throw fail(.type, "Object of type \(typeName(value)) is not JSON serializable")
        }
        try checkOutput()
    }

    /// What comes before item `at` of a container.
    @inline(__always)
    private func separate(_ at: Int, _ style: JSONStyle, _ depth: Int) throws(Stop) {
        if at > 0 { out.append(style.itemSeparator) }
        if style.indent != nil { try breakLine(style, depth + 1) }
    }

    private func endContainer(_ style: JSONStyle, _ depth: Int) throws(Stop) {
        if style.indent != nil { try breakLine(style, depth) }
    }

    private func breakLine(_ style: JSONStyle, _ depth: Int) throws(Stop) {
        guard let indent = style.indent else { return }
        out.append(UInt8(ascii: "\n"))
        try chargeText(indent.count * depth)
        for _ in 0..<depth { out.append(indent) }
        try checkOutput()
    }

    private func appendJSON(_ dict: UnsafeMutablePointer<DictStorage>, _ style: JSONStyle, _ depth: Int) throws(Stop) {
        try force(dict)
        let count = dict.pointee.count
        guard count > 0, let entries = dict.pointee.entries else { return out.append("{}") }
        out.append(UInt8(ascii: "{"))
        var sorted: UnsafeBufferPointer<Value>?
        if style.sortsKeys {
            sorted = try listed(try apply(.sort, to: .dict(dict), try sortArguments()))
        }
        for at in 0..<count {
            let key = sorted?[at] ?? entries[at].key
            try separate(at, style, depth)
            try appendKey(key, style)
            out.append(style.keySeparator)
            try appendJSON(sorted == nil ? entries[at].value : try member(dict, key), style, depth: depth + 1)
        }
        try endContainer(style, depth)
        out.append(UInt8(ascii: "}"))
    }

    /// The arguments of a sort that keeps upper and lower case apart.
    private func sortArguments() throws(Stop) -> CallArguments {
        guard let values = arena.values(2) else { throw outOfMemory() }
        values.initialize(to: .bool(false))
        (values + 1).initialize(to: .bool(true))
        var arguments = CallArguments()
        arguments.positional = values
        arguments.count = 2
        return arguments
    }

    private func appendKey(_ key: Value, _ style: JSONStyle) throws(Stop) {
        switch key.tag {
        case .string: appendJSON(key.text, isASCII: style.isASCII)
        case .int, .bool, .none, .float, .bigInt:
            out.append(UInt8(ascii: "\""))
            try appendJSON(key, style, depth: 0)
            out.append(UInt8(ascii: "\""))
        default: throw fail(.type, "keys must be str, int, float, bool or None, not \(typeName(key))")
        }
    }

    private func appendJSON(_ number: Double) {
        if number.isFinite { return PythonFloat.append(number, to: out) }
        out.append(number.isNaN ? "NaN" : number < 0 ? "-Infinity" : "Infinity" as StaticString)
    }

    private func appendJSON(_ text: UnsafeRawBufferPointer, isASCII: Bool) {
        out.append(UInt8(ascii: "\""))
        var done = 0
        var at = 0
        while at < text.count {
            let byte = text[at]
            if byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte < 0x80 || !isASCII,
                byte != 0x7f || !isASCII
            {
                at &+= 1
                continue
            }
            out.append(text.slice(done..<at))
            let (value, width) = PythonText.scalar(text, at)
            appendEscape(value)
            at += width
            done = at
        }
        out.append(text.slice(done..<text.count))
        out.append(UInt8(ascii: "\""))
    }

    private func appendEscape(_ value: UInt32) {
        switch value {
        case 0x22: out.append("\\\"")
        case 0x5c: out.append("\\\\")
        case 0x0a: out.append("\\n")
        case 0x0d: out.append("\\r")
        case 0x09: out.append("\\t")
        case 0x08: out.append("\\b")
        case 0x0c: out.append("\\f")
        case 0x10000...:
            let rest = value - 0x10000
            for unit in [0xd800 + rest >> 10, 0xdc00 + rest & 0x3ff] {
                out.append("\\u")
                PythonText.appendHex(unit, digits: 4, to: out)
            }
        default:
            out.append("\\u")
            PythonText.appendHex(value, digits: 4, to: out)
        }
    }
}
