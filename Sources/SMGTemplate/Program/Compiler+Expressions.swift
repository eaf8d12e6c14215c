internal import SMGBase

extension Compiler {
    /// The node of an expression.
    func expression(_ expression: Expression, _ frame: Frame) throws(TemplateError) -> Int32 {
        note(height: expression.height, in: frame)
        return try node(expression, frame)
    }

    /// The node of a call block's call, whatever constants it has.
    func call(_ call: Expression, _ frame: Frame) throws(TemplateError) -> Int32 {
        guard case .call(let callee, let arguments) = call.kind else { throw fail("expected call", call.line) }
        note(height: call.height, in: frame)
        let target = try node(callee, frame)
        return emit(.call, call.line, a: target, b: try self.arguments(arguments, frame))
    }

    private func node(_ expression: Expression, _ frame: Frame) throws(TemplateError) -> Int32 {
        let line = expression.line
        switch expression.kind {
        case .literal(let literal): return emit(.constant, line, a: constant(value(literal)))
        case .name(let name): return read(name, frame, line)
        case .namespaceReference: throw fail("unexpected namespace reference", line)
        case .tuple(let parts): return try sequence(.tuple, parts, frame, line)
        case .list(let parts): return try sequence(.list, parts, frame, line)
        case .dict(let members): return try dict(members, frame, line)
        case .attribute(let owner, let name):
            let node = try node(owner, frame)
            // A member of such a name is not what Python would find.
            let isHidden = name.hasPrefix("__") && name.hasSuffix("__")
            let method = isHidden ? Method.hidden : Method.number(name)
            return emit(.attribute, line, sub: method, a: node, b: self.name(name))
        case .item(let owner, let index): return try item(owner, index, frame, line)
        case .slice(let owner, let start, let stop, let step):
            let node = try node(owner, frame)
            var places: [Int32] = []
            for part in [start, stop, step] {
                places.append(try part.map { (part) throws(TemplateError) in try self.node(part, frame) } ?? -1)
            }
            return emit(.slice, line, a: node, b: place(places))
        case .unary(let sign, let operand): return try unary(sign, operand, frame, line)
        case .binary(.add, _, _): return try sum(expression, frame)
        case .binary(let binary, let left, let right):
            let a = try node(left, frame)
            return emit(.binary, line, sub: binary.rawValue, a: a, b: try node(right, frame))
        case .concat(let parts): return try joined(.concat, parts, frame, line)
        case .compare(let left, let operands): return try comparison(left, operands, frame, line)
        case .and(let left, let right):
            let a = try node(left, frame)
            if let value = constantValue(a), let truth = heap.constantTruth(value) {
                return truth ? try node(right, frame) : a
            }
            return emit(.and, line, a: a, b: try node(right, frame))
        case .or(let left, let right):
            let a = try node(left, frame)
            if let value = constantValue(a), let truth = heap.constantTruth(value) {
                return truth ? a : try node(right, frame)
            }
            return emit(.or, line, a: a, b: try node(right, frame))
        case .not(let operand):
            let a = try node(operand, frame)
            if let value = constantValue(a), let truth = heap.constantTruth(value) {
                return emit(.constant, line, a: constant(.bool(!truth)))
            }
            return emit(.not, line, a: a)
        case .condition(let test, let then, let otherwise):
            let soft = frame.soft()
            let a = try node(test, soft)
            let b = try node(then, soft)
            let c = try otherwise.map { (part) throws(TemplateError) in try node(part, soft) } ?? -1
            return emit(.condition, line, a: a, b: b, c: c)
        case .call(let callee, let arguments): return try call(callee, arguments, frame, line)
        case .filter(let input, let name, let arguments): return try filter(input, name, arguments, frame, line)
        case .test(let input, let name, let arguments): return try test(input, name, arguments, frame, line)
        }
    }

    private func value(_ literal: Literal) -> Value {
        switch literal {
        case .string(let string): text(string)
        case .int(let value): .int(value)
        case .float(let value): .float(value)
        case .bool(let value): .bool(value)
        case .none: Value.none
        }
    }

    // MARK: - Literals

    private func sequence(
        _ operation: Operation, _ parts: [Expression], _ frame: Frame, _ line: Int
    ) throws(TemplateError) -> Int32 {
        var places: [Int32] = []
        var values: [Value] = []
        for part in parts {
            let node = try node(part, frame)
            places.append(node)
            if let value = constantValue(node) { values.append(value) }
        }
        if values.count == parts.count, let folded = heap.constantSequence(values, isTuple: operation == .tuple) {
            return emit(.constant, line, a: constant(folded))
        }
        return emit(operation, line, a: place(places), b: Int32(places.count))
    }

    private func dict(
        _ members: [Expression.Member], _ frame: Frame, _ line: Int
    ) throws(TemplateError) -> Int32 {
        var places: [Int32] = []
        var values: [Value] = []
        for member in members {
            for part in [member.key, member.value] {
                let node = try node(part, frame)
                places.append(node)
                if let value = constantValue(node) { values.append(value) }
            }
        }
        if values.count == places.count, let folded = heap.constantDict(values) {
            return emit(.constant, line, a: constant(folded))
        }
        return emit(.dict, line, a: place(places), b: Int32(members.count))
    }

    private func item(
        _ owner: Expression, _ index: Expression, _ frame: Frame, _ line: Int
    ) throws(TemplateError) -> Int32 {
        let node = try node(owner, frame)
        if case .literal(.string(let name)) = index.kind {
            return emit(.itemNamed, line, sub: Method.number(name), a: node, b: self.name(name))
        }
        return emit(.item, line, a: node, b: try self.node(index, frame))
    }

    // MARK: - Operators

    private func unary(
        _ sign: UnaryOperator, _ operand: Expression, _ frame: Frame, _ line: Int
    ) throws(TemplateError) -> Int32 {
        let a = try node(operand, frame)
        if sign == .minus, let value = constantValue(a) {
            if value.tag == .int, value.int != .min { return emit(.constant, line, a: constant(.int(-value.int))) }
            if value.tag == .float { return emit(.constant, line, a: constant(.float(-value.float))) }
        }
        return emit(.unary, line, sub: sign == .minus ? 0 : 1, a: a)
    }

    /// A chain of additions as one node: most of what chat templates print are such chains of strings.
    private func sum(_ expression: Expression, _ frame: Frame) throws(TemplateError) -> Int32 {
        var parts: [Expression] = []
        var rest = expression
        while case .binary(.add, let left, let right) = rest.kind {
            parts.append(right)
            rest = left
        }
        parts.append(rest)
        return try joined(.sum, parts.reversed(), frame, expression.line)
    }

    /// A node over the values of `parts`; neighbouring constant strings become one.
    private func joined(
        _ operation: Operation, _ parts: [Expression], _ frame: Frame, _ line: Int
    ) throws(TemplateError) -> Int32 {
        var places: [Int32] = []
        // Constant strings in a row that are not placed yet, and the node of the first of them.
        var pending = ""
        var pendingNode: Int32 = -1
        var pendingCount = 0
        func flush() {
            if pendingCount == 1 { places.append(pendingNode) }
            if pendingCount > 1 { places.append(emit(.constant, line, a: constant(text(pending)))) }
            pending = ""
            pendingCount = 0
        }
        for part in parts {
            let node = try node(part, frame)
            if let value = constantValue(node), value.isString {
                if pendingCount == 0 { pendingNode = node }
                pending += value.text.string
                pendingCount += 1
            } else {
                flush()
                places.append(node)
            }
        }
        flush()
        if places.count == 1, constantValue(places[0])?.isString == true { return places[0] }
        return emit(operation, line, a: place(places), b: Int32(places.count))
    }

    private func comparison(
        _ left: Expression, _ operands: [Expression.Comparison], _ frame: Frame, _ line: Int
    ) throws(TemplateError) -> Int32 {
        let a = try node(left, frame)
        if operands.count == 1 {
            let b = try node(operands[0].operand, frame)
            return emit(.compare, line, sub: operands[0].comparison.rawValue, a: a, b: b)
        }
        var places: [Int32] = []
        for part in operands {
            places.append(Int32(part.comparison.rawValue))
            places.append(try node(part.operand, frame))
        }
        return emit(.compareChain, line, a: a, b: place(places), c: Int32(operands.count))
    }

    // MARK: - Calls

    func arguments(_ arguments: Arguments, _ frame: Frame) throws(TemplateError) -> Int32 {
        if arguments.positional.isEmpty, arguments.named.isEmpty, arguments.rest == nil, arguments.namedRest == nil {
            return -1
        }
        var positional: [Int32] = []
        for argument in arguments.positional { positional.append(try node(argument, frame)) }
        var named: [Int32] = []
        for (name, value) in arguments.named {
            named.append(self.name(name))
            named.append(try node(value, frame))
        }
        let rest = try arguments.rest.map { (part) throws(TemplateError) in try node(part, frame) } ?? -1
        let namedRest = try arguments.namedRest.map { (part) throws(TemplateError) in try node(part, frame) } ?? -1
        self.arguments.append(
            ArgumentsInfo(
                positional: place(positional), positionalCount: Int32(positional.count), named: place(named),
                namedCount: Int32(arguments.named.count), rest: rest, namedRest: namedRest))
        return Int32(self.arguments.count - 1)
    }

    private func call(
        _ callee: Expression, _ arguments: Arguments, _ frame: Frame, _ line: Int
    ) throws(TemplateError) -> Int32 {
        if case .attribute(let owner, let name) = callee.kind {
            let method = Method.number(name)
            let node = try node(owner, frame)
            return emit(
                .methodCall, line, sub: method, a: node, b: try self.arguments(arguments, frame), c: self.name(name))
        }
        let node = try node(callee, frame)
        return emit(.call, line, a: node, b: try self.arguments(arguments, frame))
    }

    private func filter(
        _ input: Expression?, _ name: String, _ arguments: Arguments, _ frame: Frame, _ line: Int
    ) throws(TemplateError) -> Int32 {
        let a = try input.map { (input) throws(TemplateError) in try node(input, frame) } ?? -1
        let b = try self.arguments(arguments, frame)
        if let filter = Filter(name) { return emit(.filter, line, sub: filter.rawValue, a: a, b: b) }
        guard frame.isSoft else { throw fail("no filter named '\(name)'", line, .unknownName) }
        return emit(.unknownFilter, line, a: a, b: b, c: self.name(name))
    }

    private func test(
        _ input: Expression, _ name: String, _ arguments: Arguments, _ frame: Frame, _ line: Int
    ) throws(TemplateError) -> Int32 {
        let a = try node(input, frame)
        let b = try self.arguments(arguments, frame)
        if let test = Test(name) { return emit(.test, line, sub: test.rawValue, a: a, b: b) }
        guard frame.isSoft else { throw fail("no test named '\(name)'", line, .unknownName) }
        return emit(.unknownTest, line, a: a, b: b, c: self.name(name))
    }
}
