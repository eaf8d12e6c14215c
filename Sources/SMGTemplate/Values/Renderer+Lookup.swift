internal import SMGBase

// Attributes, items and slices, by the rules of Jinja's sandbox.
extension Renderer {
    /// Whether `method` is one of `owner`'s own.
    @inline(__always)
    func method(_ method: Method, fits owner: Value) -> Bool {
        switch owner.tag {
        case .string: method.owners.contains(.string)
        case .dict: method.owners.contains(.dict)
        case .list: method.owners.contains(.list)
        case .tuple: method.owners.contains(.tuple)
        default: otherMethod(method, fits: owner)
        }
    }

    private func otherMethod(_ method: Method, fits owner: Value) -> Bool {
        switch owner.tag {
        case .int, .bool, .bigInt: method.owners.contains(.int)
        case .float: method.owners.contains(.float)
        case .range: method.owners.contains(.range)
        case .loop: method.owners.contains(.loop)
        case .cycler: method.owners.contains(.cycler)
        case .function: method == .fromkeys && owner.aux == UInt32(GlobalFunction.dict.rawValue)
        default: false
        }
    }

    /// `owner.name`.
    func attribute(of owner: Value, _ name: Value, method number: UInt8) throws(Stop) -> Value {
        if let value = try ownAttribute(of: owner, name, method: number) { return value }
        if owner.tag == .dict {
            let value = try member(owner.dict, name.text)
            if !value.isMissing { return value }
        }
        return .undefined(.attribute, name.text, of: owner.tag)
    }

    /// `owner[index]`, where `index` is a string or any other value.
    func item(of owner: Value, _ index: Value, method number: UInt8) throws(Stop) -> Value {
        switch owner.tag {
        case .undefined: throw undefinedError(owner)
        case .dict:
            // What cannot be a key is only absent here.
            if index.tag != .list && index.tag != .dict {
                let value = index.isString ? try member(owner.dict, index.text) : try member(owner.dict, index)
                if !value.isMissing { return value }
            }
        case .list, .tuple:
            if let position = index.index {
                let items = try items(owner.list)
                let at = position < 0 ? position &+ items.count : position
                if at >= 0, at < items.count { return items[at] }
            }
        case .string:
            if let position = index.index, let character = try character(owner, position) { return character }
        case .range:
            if let position = index.index {
                let range = owner.range.pointee
                let at = position < 0 ? position &+ range.count : position
                if at >= 0, at < range.count { return .int(range.item(at)) }
            }
        default: break
        }
        if index.isString, let value = try ownAttribute(of: owner, index, method: number) { return value }
        let name = index.isString ? index : try text(index)
        return .undefined(.attribute, name.text, of: owner.tag)
    }

    private func character(_ owner: Value, _ position: Int) throws(Stop) -> Value? {
        let text = owner.text
        try chargeText(text.count)
        let at = position < 0 ? position &+ PythonText.count(text) : position
        guard at >= 0 else { return nil }
        let offset = PythonText.offset(text, of: at)
        guard offset < text.count else { return nil }
        return .string(text.slice(offset..<offset + PythonText.scalar(text, offset).width))
    }

    /// What a value of its kind has by itself: methods and the like; nil when there is nothing of that name.
    private func ownAttribute(of owner: Value, _ name: Value, method number: UInt8) throws(Stop) -> Value? {
        if owner.isUndefined { throw undefinedError(owner) }
        if let method = Method(rawValue: number), method != .unknown, self.method(method, fits: owner) {
            if method.isForbidden(on: owner.tag) { return .undefined(.forbidden, name.text, of: owner.tag) }
            let cell = try make(Cell(first: owner, second: .missing, position: 0))
            return Value(.method, at: cell, aux: UInt32(number))
        }
        switch owner.tag {
        case .namespace:
            let value = try member(owner.dict, name.text)
            guard !value.isMissing else { break }
            return name.text.first == UInt8(ascii: "_") ? .undefined(.forbidden, name.text, of: owner.tag) : value
        case .loop: return try attribute(owner.loop, name.text)
        case .macro: return try attribute(owner.macro, name.text)
        case .cycler where name.text.equals("current"): return try cyclerItem(owner)
        case .tuple where owner.flag == 1:
            if name.text.equals("grouper") { return try items(owner.list)[0] }
            if name.text.equals("list") { return try items(owner.list)[1] }
        case .int, .bool:
            if name.text.equals("real") || name.text.equals("numerator") { return .int(owner.int) }
            if name.text.equals("imag") { return .int(0) }
            if name.text.equals("denominator") { return .int(1) }
        case .float:
            if name.text.equals("real") { return owner }
            if name.text.equals("imag") { return .float(0) }
        case .range:
            if name.text.equals("start") { return .int(owner.range.pointee.start) }
            if name.text.equals("stop") { return .int(owner.range.pointee.stop) }
            if name.text.equals("step") { return .int(owner.range.pointee.step) }
        default: break
        }
        // Python's own internals, which the sandbox hides.
        if name.text.hasPrefix("__"), name.text.ends(withBytes: Value.string("__").text) {
            return .undefined(.forbidden, name.text, of: owner.tag)
        }
        return nil
    }

    private func attribute(
        _ macro: UnsafeMutablePointer<MacroState>, _ name: UnsafeRawBufferPointer
    ) throws(Stop) -> Value? {
        guard let info = program?.macros[Int(macro.pointee.place)] else { return nil }
        if name.equals("name") { return .string(macroName(macro)) }
        if name.equals("catch_kwargs") { return .bool(info.namedSlot >= 0) }
        if name.equals("catch_varargs") { return .bool(info.restSlot >= 0) }
        if name.equals("caller") { return .bool(info.callerSlot >= 0 || info.hasExplicitCaller) }
        guard name.equals("arguments") else { return nil }
        var names = ListBuilder()
        for at in 0..<Int(info.parameterCount) {
            guard let parameter = program?.parameters[Int(info.parameters) + at] else { break }
            try append(constants[Int(parameter.name)], to: &names)
        }
        return try tuple(names)
    }

    // MARK: - Slices

    /// `owner[start:stop:step]`; none for a part that is left out.
    func slice(_ owner: Value, start: Value, stop: Value, step: Value) throws(Stop) -> Value {
        switch owner.tag {
        case .string:
            try chargeText(owner.text.count)
            let count = PythonText.count(owner.text)
            return try slice(owner, try bounds(count, start, stop, step), isASCII: count == owner.text.count)
        case .list, .tuple:
            let items = try items(owner.list)
            let bounds = try bounds(items.count, start, stop, step)
            if bounds.step == 1 {
                let part = UnsafeBufferPointer(rebasing: items[bounds.start..<bounds.start + bounds.count])
                let shared = try list(sharing: part)
                return owner.tag == .list ? shared : .tuple(shared.list)
            }
            var builder = ListBuilder()
            try charge(bounds.count)
            for at in 0..<bounds.count { try append(items[bounds.start + at * bounds.step], to: &builder) }
            return owner.tag == .list ? try list(builder) : try tuple(builder)
        case .range:
            let range = owner.range.pointee
            let bounds = try bounds(range.count, start, stop, step)
            let first = range.item(bounds.start)
            let step = range.step &* bounds.step
            return Value(
                .range,
                at: try make(
                    RangeStorage(
                        start: first, step: step, count: bounds.count, stop: range.item(bounds.stop))))
        case .undefined: throw undefinedError(owner)
        case .dict: throw fail(.type, "unhashable type: 'slice'")
        default: throw fail(.type, "'\(typeName(owner))' object is not subscriptable")
        }
    }

    /// The first item of a slice, their number, and what lies between them.
    private struct SliceBounds {
        var start: Int
        var stop: Int
        var step: Int
        var count: Int
    }

    private func bounds(_ count: Int, _ start: Value, _ stop: Value, _ step: Value) throws(Stop) -> SliceBounds {
        func part(_ value: Value) throws(Stop) -> Int? {
            if value.tag == .none { return nil }
            guard let index = value.index else {
                throw fail(.type, "slice indices must be integers or None or have an __index__ method")
            }
            return index
        }
        let step = try part(step) ?? 1
        guard step != 0 else { throw fail(.value, "slice step cannot be zero") }
        let (low, high) = step > 0 ? (0, count) : (-1, count - 1)
        func clamped(_ value: Int?, _ standard: Int) -> Int {
            guard let value else { return standard }
            return min(max(value < 0 ? value &+ count : value, low), high)
        }
        let from = clamped(try part(start), step > 0 ? low : high)
        let to = clamped(try part(stop), step > 0 ? high : low)
        let distance = step > 0 ? to - from : from - to
        let stride = Int(clamping: step.magnitude)
        return SliceBounds(
            start: distance > 0 ? from : step > 0 ? from : max(from, 0), stop: to, step: step,
            count: distance > 0 ? (distance - 1) / stride + 1 : 0)
    }

    private func slice(_ owner: Value, _ bounds: SliceBounds, isASCII: Bool) throws(Stop) -> Value {
        let text = owner.text
        guard bounds.count > 0 else { return .string("") }
        if bounds.step == 1 {
            let start = isASCII ? bounds.start : PythonText.offset(text, of: bounds.start)
            let rest = text.slice(start..<text.count)
            let length = isASCII ? bounds.count : PythonText.offset(rest, of: bounds.count)
            return .string(rest.slice(0..<length), safe: owner.isSafe)
        }
        let mark = out.writerIndex
        try reserve(text.count)
        if isASCII {
            for at in 0..<bounds.count { out.append(text[bounds.start + at * bounds.step]) }
        } else {
            var offsets: [Int] = []
            for offset in 0..<text.count where text[offset] & 0xc0 != 0x80 { offsets.append(offset) }
            for at in 0..<bounds.count {
                let offset = offsets[bounds.start + at * bounds.step]
                out.append(text.slice(offset..<offset + PythonText.scalar(text, offset).width))
            }
        }
        return try taken(from: mark, safe: owner.isSafe)
    }
}
