internal import SMGBase

// Python's `str` and `repr`.
extension Renderer {
    /// Prints `str(value)`.
    @inline(__always)
    func print(_ value: Value) throws(Stop) {
        if value.tag == .string {
            out.append(value.text)
        } else {
            try printOther(value)
        }
    }

    private func printOther(_ value: Value) throws(Stop) {
        switch value.tag {
        case .undefined, .missing: break
        case .int: out.append(decimal: value.int)
        default: try printSpelled(value, depth: 0)
        }
    }

    /// Prints `repr(value)`.
    func printSpelled(_ value: Value, depth: Int) throws(Stop) {
        guard depth < TemplateLimits.maximumValueDepth else { throw tooDeep() }
        try charge()
        switch value.tag {
        case .missing: break
        case .undefined: out.append("Undefined")
        case .none: out.append("None")
        case .bool: out.append(value.bool ? "True" : "False" as StaticString)
        case .int: out.append(decimal: value.int)
        case .float:
            try charge(TemplateLimits.stepsPerNumber)
            PythonFloat.append(value.float, to: out)
        case .bigInt: out.append(value.text)
        case .string:
            try chargeCharacters(value.text.count)
            if value.isSafe { out.append("Markup(") }
            PythonText.appendQuoted(value.text, to: out)
            if value.isSafe { out.append(")") }
        case .list, .tuple: try printSequence(value, depth)
        case .dict: try printDict(value.dict, depth)
        case .view: try printView(value, depth)
        case .range:
            let range = value.range.pointee
            out.append("range(")
            out.append(decimal: range.start)
            out.append(", ")
            out.append(decimal: range.stop)
            if range.step != 1 {
                out.append(", ")
                out.append(decimal: range.step)
            }
            out.append(")")
        case .namespace:
            out.append("<Namespace ")
            try printDict(value.dict, depth)
            out.append(">")
        case .macro:
            out.append("<Macro ")
            PythonText.appendQuoted(macroName(value.macro), to: out)
            out.append(">")
        case .loop:
            out.append("<LoopContext ")
            out.append(decimal: value.loop.pointee.index0 + 1)
            out.append("/")
            out.append(decimal: try length(value.loop))
            out.append(">")
        case .generator: out.append("<generator object>")
        case .function: out.append("<function>")
        case .method: out.append("<built-in method>")
        case .cycler: out.append("<Cycler>")
        case .joiner: out.append("<Joiner>")
        }
        try checkOutput()
    }

    private func printSequence(_ value: Value, _ depth: Int) throws(Stop) {
        let items = try items(value.list)
        let isList = value.tag == .list
        out.append(isList ? "[" : "(" as StaticString)
        for at in 0..<items.count {
            if at > 0 { out.append(", ") }
            try printSpelled(items[at], depth: depth + 1)
        }
        if !isList, items.count == 1 { out.append(",") }
        out.append(isList ? "]" : ")" as StaticString)
    }

    private func printDict(_ dict: UnsafeMutablePointer<DictStorage>, _ depth: Int) throws(Stop) {
        try force(dict)
        out.append("{")
        for at in 0..<dict.pointee.count {
            guard let entry = dict.pointee.entries?[at] else { break }
            if at > 0 { out.append(", ") }
            try printSpelled(entry.key, depth: depth + 1)
            out.append(": ")
            try printSpelled(entry.value, depth: depth + 1)
        }
        out.append("}")
    }

    private func printView(_ view: Value, _ depth: Int) throws(Stop) {
        out.append(view.aux == 0 ? "dict_keys([" : view.aux == 1 ? "dict_values([" : "dict_items([" as StaticString)
        let iterator = try iterate(view)
        var isFirst = true
        while true {
            let item = try next(iterator)
            if item.isMissing { break }
            if !isFirst { out.append(", ") }
            isFirst = false
            try printSpelled(item, depth: depth + 1)
        }
        out.append("])")
    }

    func macroName(_ macro: UnsafeMutablePointer<MacroState>) -> UnsafeRawBufferPointer {
        guard let program else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return constants[Int(program.macros[Int(macro.pointee.place)].name)].text
    }

    /// `str(value)` as a string.
    func text(_ value: Value) throws(Stop) -> Value {
        if value.isString { return value }
        return try capture { () throws(Stop) in try print(value) }
    }

    /// What Python calls the type of a value.
    func typeName(_ value: Value) -> StaticString {
        switch value.tag {
        case .missing, .undefined: "Undefined"
        case .none: "NoneType"
        case .bool: "bool"
        case .int, .bigInt: "int"
        case .float: "float"
        case .string: value.isSafe ? "Markup" : "str"
        case .list: "list"
        case .tuple: "tuple"
        case .dict: "dict"
        case .range: "range"
        case .view: value.aux == 0 ? "dict_keys" : value.aux == 1 ? "dict_values" : "dict_items"
        case .generator: "generator"
        case .namespace: "Namespace"
        case .macro: "Macro"
        case .loop: "LoopContext"
        case .function: "function"
        case .method: "builtin_function_or_method"
        case .cycler: "Cycler"
        case .joiner: "Joiner"
        }
    }

    // MARK: - Undefined values

    /// The failure of using an undefined value.
    @inline(never)
    func undefinedError(_ value: Value) -> Stop {
        let name = value.text.string
        switch UndefinedKind(rawValue: value.flag) ?? .hint {
        case .variable: return fail(.undefined, "'\(name)' is undefined")
        case .attribute:
            let owner = value.owner == .none ? "None" : "'\(typeName(Value(value.owner))) object'"
            return fail(.undefined, "\(owner) has no attribute '\(name)'")
        case .hint: return fail(.undefined, name)
        case .forbidden: return forbidden(value.text)
        }
    }

    func forbidden(_ name: UnsafeRawBufferPointer) -> Stop {
        fail(.forbidden, "access to attribute '\(name.string)' is unsafe")
    }

    // MARK: - HTML

    /// Prints `text` with HTML's special characters escaped.
    func appendEscaped(_ text: UnsafeRawBufferPointer) {
        var done = 0
        for at in 0..<text.count {
            let escape: StaticString
            switch text[at] {
            case UInt8(ascii: "&"): escape = "&amp;"
            case UInt8(ascii: "<"): escape = "&lt;"
            case UInt8(ascii: ">"): escape = "&gt;"
            case UInt8(ascii: "'"): escape = "&#39;"
            case UInt8(ascii: "\""): escape = "&#34;"
            default: continue
            }
            out.append(text.slice(done..<at))
            out.append(escape)
            done = at + 1
        }
        out.append(text.slice(done..<text.count))
    }
}
