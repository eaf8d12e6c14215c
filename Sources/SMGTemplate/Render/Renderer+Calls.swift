internal import SMGBase

/// The arguments of one call, in the arena.
struct CallArguments {
    var positional: UnsafeMutablePointer<Value>?
    var count = 0
    /// Names and values in turn.
    var named: UnsafeMutablePointer<Value>?
    var namedCount = 0

    init() {}

    subscript(_ at: Int) -> Value { at < count ? positional.unsafelyUnwrapped[at] : .missing }

    func name(_ at: Int) -> Value { named.unsafelyUnwrapped[at * 2] }
    func value(_ at: Int) -> Value { named.unsafelyUnwrapped[at * 2 + 1] }

    /// The arguments without the first `count` positional ones.
    func dropping(_ dropped: Int) -> CallArguments {
        var rest = self
        guard let positional else { return rest }
        let dropped = min(dropped, count)
        rest.positional = positional + dropped
        rest.count = count - dropped
        return rest
    }
}

/// A macro as a value: its code and the frame it was defined in.
struct MacroState {
    var place: Int32
    var outer: UnsafeMutablePointer<FrameState>
}

extension Renderer {
    /// The values of the arguments at `place`; -1 for none.
    @inline(__always)
    func callArguments(_ place: Int32) throws(Stop) -> CallArguments {
        place < 0 ? CallArguments() : try evaluateArguments(arguments[Int(place)])
    }

    private func evaluateArguments(_ info: ArgumentsInfo) throws(Stop) -> CallArguments {
        var result = CallArguments()
        if info.rest < 0 {
            guard let values = arena.values(Int(info.positionalCount)) else { throw outOfMemory() }
            for at in 0..<Int(info.positionalCount) {
                (values + at).initialize(to: try evaluate(operands[Int(info.positional) + at]))
            }
            result.positional = values
            result.count = Int(info.positionalCount)
        } else {
            var builder = ListBuilder()
            for at in 0..<Int(info.positionalCount) {
                try append(try evaluate(operands[Int(info.positional) + at]), to: &builder)
            }
            for item in try listed(try evaluate(info.rest)) { try append(item, to: &builder) }
            result.positional = builder.items
            result.count = builder.count
        }
        guard info.namedCount > 0 || info.namedRest >= 0 else { return result }
        var builder = ListBuilder()
        for at in 0..<Int(info.namedCount) {
            try append(constants[Int(operands[Int(info.named) + at * 2])], to: &builder)
            try append(try evaluate(operands[Int(info.named) + at * 2 + 1]), to: &builder)
        }
        if info.namedRest >= 0 { try appendNamed(try evaluate(info.namedRest), to: &builder) }
        result.named = builder.items
        result.namedCount = builder.count / 2
        return result
    }

    private func appendNamed(_ mapping: Value, to builder: inout ListBuilder) throws(Stop) {
        guard mapping.tag == .dict else { throw fail(.type, "argument after ** must be a mapping") }
        try force(mapping.dict)
        let before = builder.count
        for at in 0..<mapping.dict.pointee.count {
            guard let entry = mapping.dict.pointee.entries?[at] else { break }
            guard entry.key.isString else { throw fail(.type, "keywords must be strings") }
            var earlier = 0
            while earlier < before {
                if let items = builder.items, items[earlier].text.isEqual(to: entry.key.text) {
                    throw fail(.arguments, "multiple values for keyword argument '\(entry.key.text.string)'")
                }
                earlier += 2
            }
            try append(entry.key, to: &builder)
            try append(entry.value, to: &builder)
        }
    }

    /// Calls `callee`.
    func call(_ callee: Value, _ arguments: CallArguments) throws(Stop) -> Value {
        try charge()
        switch callee.tag {
        case .macro:
            let mark = out.writerIndex
            try run(callee.macro, arguments)
            return try taken(from: mark)
        case .function: return try call(GlobalFunction(rawValue: UInt8(callee.aux)) ?? .range, arguments)
        case .method:
            return try call(Method(rawValue: UInt8(callee.aux)) ?? .unknown, of: callee.cell.pointee.first, arguments)
        case .loop: return try callLoop(callee.loop, arguments)
        case .joiner:
            try checkCount(arguments, "joiner", 0...0)
            defer { callee.cell.pointee.position = 1 }
            return callee.cell.pointee.position == 0 ? .string("") : callee.cell.pointee.first
        case .undefined: throw undefinedError(callee)
        default: throw fail(.type, "'\(typeName(callee))' object is not callable")
        }
    }

    private func callLoop(_ state: UnsafeMutablePointer<LoopState>, _ arguments: CallArguments) throws(Stop) -> Value {
        var reader = ArgumentReader(arguments, "loop")
        let source = try reader.required("iterable", self)
        try reader.finish(self)
        guard state.pointee.recursive >= 0 else {
            throw fail(.type, "the loop must have the 'recursive' marker to be called recursively")
        }
        let mark = out.writerIndex
        try recursiveLoop(
            state.pointee.recursive, over: source, depth0: state.pointee.depth0 + 1, outer: state.pointee.outer)
        return try taken(from: mark)
    }

    func methodCall(_ node: Node) throws(Stop) -> Value {
        let owner = try evaluate(node.a)
        if let method = Method(rawValue: node.sub), method != .unknown, self.method(method, fits: owner) {
            guard !method.isForbidden(on: owner.tag) else { throw forbidden(constants[Int(node.c)].text) }
            return try call(method, of: owner, try callArguments(node.b))
        }
        let callee = try attribute(of: owner, constants[Int(node.c)], method: node.sub)
        return try call(callee, try callArguments(node.b))
    }

    // MARK: - Macros

    func macroValue(_ place: Int32) throws(Stop) -> Value {
        Value(.macro, at: try make(MacroState(place: place, outer: frame)))
    }

    func callBlock(_ node: Node) throws(Stop) {
        let call = nodes[Int(node.a)]
        let caller = try macroValue(node.b)
        let callee = try evaluate(call.a)
        var arguments = try callArguments(call.b)
        guard let named = arena.values((arguments.namedCount + 1) * 2) else { throw outOfMemory() }
        for at in 0..<arguments.namedCount {
            guard !arguments.name(at).text.equals("caller") else {
                throw fail(.arguments, "keyword argument repeated: caller")
            }
            (named + at * 2).initialize(to: arguments.name(at))
            (named + at * 2 + 1).initialize(to: arguments.value(at))
        }
        (named + arguments.namedCount * 2).initialize(to: .string("caller"))
        (named + arguments.namedCount * 2 + 1).initialize(to: caller)
        arguments.named = named
        arguments.namedCount += 1
        line = node.line
        if callee.tag == .macro { return try run(callee.macro, arguments) }
        try print(try self.call(callee, arguments))
    }

    /// Runs a macro, which prints.
    func run(_ macro: UnsafeMutablePointer<MacroState>, _ arguments: CallArguments) throws(Stop) {
        guard let program else { return }
        let info = program.macros[Int(macro.pointee.place)]
        let (inner, values) = try enter(slots: info.frameSlots, outer: macro.pointee.outer)
        try bind(info, arguments, to: values, program)
        try charge()
        try enterCall(height: info.height)
        let saved = frame
        let savedLocals = locals
        let savedLine = line
        frame = inner
        locals = values
        for at in 0..<Int(info.parameterCount) {
            let parameter = program.parameters[Int(info.parameters) + at]
            guard locals[Int(parameter.slot)].isMissing else { continue }
            locals[Int(parameter.slot)] =
                parameter.value >= 0
                ? try evaluate(parameter.value) : .undefined(.variable, constants[Int(parameter.name)].text)
        }
        _ = try run(block: info.body)
        leaveCall(height: info.height)
        frame = saved
        locals = savedLocals
        line = savedLine
    }

    /// Puts a call's arguments into a macro's variables, by the rules of Jinja's macros.
    private func bind(
        _ info: MacroInfo, _ arguments: CallArguments, to values: UnsafeMutablePointer<Value>, _ program: Program
    ) throws(Stop) {
        let count = Int(info.parameterCount)
        let given = min(arguments.count, count)
        var foundCaller = given == count && info.hasExplicitCaller
        for at in 0..<given { values[Int(program.parameters[Int(info.parameters) + at].slot)] = arguments[at] }
        // Named arguments that nobody has taken yet, as a bit each.
        var taken: Set<Int> = []
        for at in given..<count {
            let parameter = program.parameters[Int(info.parameters) + at]
            let name = constants[Int(parameter.name)].text
            if name.equals("caller") { foundCaller = true }
            for place in 0..<arguments.namedCount where arguments.name(place).text.isEqual(to: name) {
                values[Int(parameter.slot)] = arguments.value(place)
                taken.insert(place)
            }
        }
        if info.callerSlot >= 0, !foundCaller {
            var caller = Value.undefined("No caller defined")
            for place in 0..<arguments.namedCount where arguments.name(place).text.equals("caller") {
                if arguments.value(place).tag != .none { caller = arguments.value(place) }
                taken.insert(place)
            }
            values[Int(info.callerSlot)] = caller
        }
        let name = constants[Int(info.name)].text
        if info.namedSlot >= 0 {
            let rest = try newDict(capacity: arguments.namedCount - taken.count)
            for place in 0..<arguments.namedCount where !taken.contains(place) {
                try set(rest, arguments.name(place), arguments.value(place))
            }
            values[Int(info.namedSlot)] = .dict(rest)
        } else if let place = (0..<arguments.namedCount).first(where: { !taken.contains($0) }) {
            throw fail(
                .arguments,
                "macro '\(name.string)' takes no keyword argument '\(arguments.name(place).text.string)'")
        }
        if info.restSlot >= 0 {
            var rest = ListBuilder()
            for at in given..<max(given, arguments.count) { try append(arguments[at], to: &rest) }
            values[Int(info.restSlot)] = try tuple(rest)
        } else if arguments.count > count {
            throw fail(.arguments, "macro '\(name.string)' takes not more than \(count) argument(s)")
        }
    }
}
