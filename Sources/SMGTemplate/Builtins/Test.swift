internal import SMGBase

/// The tests, by Jinja's names.
enum Test: UInt8, CaseIterable {
    case boolean, callable, defined, divisibleby, equal, escaped, even, `false`, filter, float, greater, greaterEqual
    case contained, integer, iterable, less, lessEqual, lower, mapping, none, notEqual, number, odd, sameas, sequence
    case string, test, `true`, undefined, upper
    /// Not one of Jinja's: other implementations have it.
    case startingwith

    private static let named: [String: Test] = {
        var named: [String: Test] = [
            "==": .equal, "eq": .equal, "equalto": .equal, "!=": .notEqual, "ne": .notEqual, ">": .greater,
            "gt": .greater, "greaterthan": .greater, ">=": .greaterEqual, "ge": .greaterEqual, "<": .less, "lt": .less,
            "lessthan": .less, "<=": .lessEqual, "le": .lessEqual, "in": .contained,
        ]
        let own: [Test] = [
            .boolean, .callable, .defined, .divisibleby, .escaped, .even, .false, .filter, .float, .integer, .iterable,
            .lower, .mapping, .none, .number, .odd, .sameas, .sequence, .string, .test, .true, .undefined, .upper,
            .startingwith,
        ]
        for test in own { named[String(describing: test)] = test }
        return named
    }()

    init?(_ name: String) {
        guard let test = Self.named[name] else { return nil }
        self = test
    }
}

extension Renderer {
    /// `value is test(arguments)`.
    func holds(_ test: Test, for value: Value, _ arguments: CallArguments) throws(Stop) -> Bool {
        switch test {
        case .equal, .notEqual, .greater, .greaterEqual, .less, .lessEqual, .contained, .sameas, .divisibleby,
            .startingwith:
            return try holds(test, value, operand(test, arguments))
        default: try checkCount(arguments, "test", 0...0)
        }
        switch test {
        case .defined: return !value.isUndefined
        case .undefined: return value.isUndefined
        case .none: return value.tag == .none
        case .boolean: return value.tag == .bool
        case .true: return value.tag == .bool && value.bool
        case .false: return value.tag == .bool && !value.bool
        case .integer: return value.tag == .int || value.tag == .bigInt
        case .float: return value.tag == .float
        case .number: return [.int, .bool, .float, .bigInt].contains(value.tag)
        case .string: return value.isString
        case .mapping: return value.tag == .dict
        case .sequence: return [.string, .list, .tuple, .dict, .range, .undefined].contains(value.tag)
        case .iterable:
            return [.string, .list, .tuple, .dict, .range, .undefined, .view, .generator, .loop].contains(value.tag)
        case .callable:
            return [.function, .method, .macro, .loop, .joiner, .undefined].contains(value.tag)
        case .escaped: return value.isSafe
        case .odd, .even:
            let rest = try calculate(.mod, value, .int(2))
            return try isEqual(rest, .int(test == .odd ? 1 : 0))
        case .lower, .upper:
            let text = try text(value).text
            return try isTrue(try callCase(test == .lower ? .islower : .isupper, text, CallArguments()))
        case .filter, .test:
            if value.tag == .list || value.tag == .dict { throw fail(.type, "unhashable type: '\(typeName(value))'") }
            guard value.isString else { return false }
            return test == .filter ? Filter(value.text.string) != nil : Test(value.text.string) != nil
        default: return false
        }
    }

    private func operand(_ test: Test, _ arguments: CallArguments) throws(Stop) -> Value {
        guard arguments.count == 1, arguments.namedCount == 0 else {
            // Python's own operators take no names; these three of Jinja's do.
            let name: StaticString? =
                switch test {
                case .contained: "seq"
                case .sameas: "other"
                case .divisibleby: "num"
                default: nil
                }
            if let name, arguments.count == 0, arguments.namedCount == 1, arguments.name(0).text.equals(name) {
                return arguments.value(0)
            }
            throw fail(.arguments, "the test takes one argument")
        }
        return arguments[0]
    }

    private func holds(_ test: Test, _ value: Value, _ operand: Value) throws(Stop) -> Bool {
        switch test {
        case .equal: return try compares(.equal, value, operand)
        case .notEqual: return try compares(.notEqual, value, operand)
        case .greater: return try compares(.greater, value, operand)
        case .greaterEqual: return try compares(.greaterEqual, value, operand)
        case .less: return try compares(.less, value, operand)
        case .lessEqual: return try compares(.lessEqual, value, operand)
        case .contained: return try contains(operand, value)
        case .sameas:
            // Small constants are one object in Python, and equal ones of one kind count as such here.
            guard value.tag == operand.tag else { return false }
            switch value.tag {
            case .list, .tuple, .dict, .range, .float, .bigInt: return value.bits == operand.bits
            case .undefined: return false
            default: return try isEqual(value, operand)
            }
        case .startingwith:
            guard value.isString, operand.isString else { throw fail(.type, "startingwith needs strings") }
            try chargeText(operand.text.count)
            return value.text.starts(withBytes: operand.text)
        default:
            let rest = try calculate(.mod, value, operand)
            return try isEqual(rest, .int(0))
        }
    }
}
