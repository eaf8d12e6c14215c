internal import SMGBase

extension Renderer {
    /// The value of the node at `place`.
    func evaluate(_ place: Int32) throws(Stop) -> Value {
        let node = nodes[Int(place)]
        switch node.operation {
        case .constant: return constants[Int(node.a)]
        case .local:
            let value = node.sub == 0 ? locals[Int(node.a)] : outerLocals(Int32(node.sub))[Int(node.a)]
            return value.isMissing ? .undefined(.variable, constants[Int(node.c)].text) : value
        case .global:
            let value = globals[Int(node.a)]
            return value.isMissing ? undefinedGlobal(node.a) : value
        case .itemNamed:
            let owner = try evaluate(node.a)
            if owner.tag == .dict {
                let value = try member(owner.dict, constants[Int(node.b)].text)
                if !value.isMissing { return value }
            }
            return try item(of: owner, constants[Int(node.b)], method: node.sub)
        case .attribute:
            let owner = try evaluate(node.a)
            if owner.tag == .dict, node.sub == 0 {
                let value = try member(owner.dict, constants[Int(node.b)].text)
                if !value.isMissing { return value }
            }
            return try attribute(of: owner, constants[Int(node.b)], method: node.sub)
        case .compare: return try compare(node)
        case .and:
            let left = try evaluate(node.a)
            return try isTrue(left) ? try evaluate(node.b) : left
        case .or:
            let left = try evaluate(node.a)
            return try isTrue(left) ? left : try evaluate(node.b)
        case .not: return .bool(!(try isTrue(try evaluate(node.a))))
        default: return try evaluateOther(node)
        }
    }

    @inline(never)
    private func undefinedGlobal(_ place: Int32) -> Value {
        guard let program else { return .undefined("undefined") }
        return .undefined(.variable, constants[Int(program.globals[Int(place)])].text)
    }

    private func evaluateOther(_ node: Node) throws(Stop) -> Value {
        try charge()
        switch node.operation {
        case .item: return try item(node)
        case .slice: return try slice(node)
        case .unary: return try negate(try evaluate(node.a), isMinus: node.sub == 0)
        case .binary:
            let left = try evaluate(node.a)
            let right = try evaluate(node.b)
            return try calculate(BinaryOperator(rawValue: node.sub) ?? .add, left, right)
        case .sum: return try sum(node)
        case .concat:
            let mark = out.writerIndex
            try emitConcat(node)
            return try taken(from: mark)
        case .compareChain: return try compareChain(node)
        case .condition:
            if try isTrue(try evaluate(node.a)) { return try evaluate(node.b) }
            return node.c >= 0
                ? try evaluate(node.c) : .undefined("the inline if-expression evaluated to false without an else")
        case .tuple: return try tuple(try builder(node))
        case .list: return try list(try builder(node))
        case .dict: return try dict(node)
        case .call:
            let callee = try evaluate(node.a)
            return try call(callee, try callArguments(node.b))
        case .methodCall: return try methodCall(node)
        case .filter:
            guard let filter = Filter(rawValue: node.sub) else { return .missing }
            let input = try evaluate(node.a)
            return try apply(filter, to: input, try callArguments(node.b))
        case .test:
            guard let test = Test(rawValue: node.sub) else { return .missing }
            if test == .defined || test == .undefined, node.b < 0 {
                let isUndefined = try evaluate(node.a).isUndefined
                return .bool(isUndefined == (test == .undefined))
            }
            let input = try evaluate(node.a)
            return .bool(try holds(test, for: input, try callArguments(node.b)))
        case .unknownFilter, .unknownTest:
            let kind = node.operation == .unknownFilter ? "filter" : "test"
            throw fail(.unknownName, "no \(kind) named '\(constants[Int(node.c)].text.string)'")
        default: return .missing
        }
    }

    // MARK: - Containers

    private func builder(_ node: Node) throws(Stop) -> ListBuilder {
        var builder = ListBuilder()
        for at in Int(node.a)..<Int(node.a &+ node.b) { try append(try evaluate(operands[at]), to: &builder) }
        return builder
    }

    private func dict(_ node: Node) throws(Stop) -> Value {
        let dict = try newDict(capacity: Int(node.b))
        for pair in 0..<Int(node.b) {
            let key = try evaluate(operands[Int(node.a) + pair * 2])
            try set(dict, key, try evaluate(operands[Int(node.a) + pair * 2 + 1]))
        }
        return .dict(dict)
    }

    private func item(_ node: Node) throws(Stop) -> Value {
        let owner = try evaluate(node.a)
        let index = try evaluate(node.b)
        return try item(of: owner, index, method: index.isString ? Method.number(index.text) : 0)
    }

    private func slice(_ node: Node) throws(Stop) -> Value {
        let owner = try evaluate(node.a)
        func part(_ at: Int32) throws(Stop) -> Value {
            let place = operands[Int(node.b &+ at)]
            return place < 0 ? .none : try evaluate(place)
        }
        let start = try part(0)
        let stop = try part(1)
        let step = try part(2)
        return try slice(owner, start: start, stop: stop, step: step)
    }

    // MARK: - Comparing

    private func compare(_ node: Node) throws(Stop) -> Value {
        let left = try evaluate(node.a)
        let right = try evaluate(node.b)
        return .bool(try compares(ComparisonOperator(rawValue: node.sub) ?? .equal, left, right))
    }

    private func compareChain(_ node: Node) throws(Stop) -> Value {
        var left = try evaluate(node.a)
        try charge(Int(node.c))
        for pair in 0..<Int(node.c) {
            let right = try evaluate(operands[Int(node.b) + pair * 2 + 1])
            let comparison = ComparisonOperator(rawValue: UInt8(operands[Int(node.b) + pair * 2])) ?? .equal
            if !(try compares(comparison, left, right)) { return .bool(false) }
            left = right
        }
        return .bool(true)
    }

    // MARK: - Sums

    private func sum(_ node: Node) throws(Stop) -> Value {
        let mark = out.writerIndex
        let total = try appendSum(node)
        return total.isMissing ? try taken(from: mark) : total
    }

    /// The sum of a chain of values from the left. Plain strings, which are the usual case, are printed one after the
    /// other, and missing is returned; any other sum is returned.
    private func appendSum(_ node: Node) throws(Stop) -> Value {
        let mark = out.writerIndex
        try charge(Int(node.b))
        var at = Int(node.a)
        let end = at &+ Int(node.b)
        var total = try evaluate(operands[at])
        at &+= 1
        if total.isString, !total.isSafe {
            out.append(total.text)
            while true {
                if at == end { return .missing }
                let next = try evaluate(operands[at])
                at &+= 1
                guard next.isString, !next.isSafe else {
                    total = try calculate(.add, try taken(from: mark), next)
                    break
                }
                out.append(next.text)
            }
        }
        while at < end {
            total = try calculate(.add, total, try evaluate(operands[at]))
            at &+= 1
        }
        return total
    }

    // MARK: - Printing

    /// Prints the value of the node at `place`, without making a string where that can be helped.
    func emit(_ place: Int32) throws(Stop) {
        let node = nodes[Int(place)]
        switch node.operation {
        case .sum:
            let total = try appendSum(node)
            if !total.isMissing { try print(total) }
        case .concat: try emitConcat(node)
        case .condition:
            if try isTrue(try evaluate(node.a)) {
                try emit(node.b)
            } else if node.c >= 0 {
                try emit(node.c)
            }
        case .filter where node.sub == Filter.tojson.rawValue:
            let input = try evaluate(node.a)
            try appendJSON(input, try callArguments(node.b))
        case .call:
            let callee = try evaluate(node.a)
            let arguments = try callArguments(node.b)
            if callee.tag == .macro { return try run(callee.macro, arguments) }
            try print(try call(callee, arguments))
        default: try print(try evaluate(place))
        }
    }

    private func emitConcat(_ node: Node) throws(Stop) {
        try charge(Int(node.b))
        for at in Int(node.a)..<Int(node.a &+ node.b) { try emit(operands[at]) }
    }
}
