internal import CLinux
internal import SMGBase

// Python's operators. Integers have 64 bits: a result that needs more is an error.
extension Renderer {
    func calculate(_ binary: BinaryOperator, _ a: Value, _ b: Value) throws(Stop) -> Value {
        if a.isUndefined { throw undefinedError(a) }
        if binary == .mod, a.isString { return try formatPercent(a, b) }
        if b.isUndefined { throw undefinedError(b) }
        if let left = a.index, let right = b.index { return try calculate(binary, left, right) }
        if let left = a.number, let right = b.number {
            if a.tag == .bigInt || b.tag == .bigInt, a.tag != .float, b.tag != .float { throw overflow() }
            return try calculate(binary, left, right)
        }
        switch binary {
        case .add:
            if a.isString, b.isString { return try concatenate(a, b) }
            if a.tag == b.tag, a.tag == .list || a.tag == .tuple { return try joinLists(a, b) }
        case .mul:
            if let times = b.index { if let repeated = try multiply(a, times) { return repeated } }
            if let times = a.index { if let repeated = try multiply(b, times) { return repeated } }
        default: break
        }
        throw unsupported(binary, a, b)
    }

    private func overflow() -> Stop { fail(.value, "integer result does not fit 64 bits") }

    private func divisionByZero() -> Stop { fail(.value, "division by zero") }

    private func unsupported(_ binary: BinaryOperator, _ a: Value, _ b: Value) -> Stop {
        if binary == .add, a.isString {
            return fail(.type, "can only concatenate str (not \"\(typeName(b))\") to str")
        }
        let symbol =
            switch binary {
            case .add: "+"
            case .sub: "-"
            case .mul: "*"
            case .div: "/"
            case .floorDiv: "//"
            case .mod: "%"
            case .pow: "** or pow()"
            }
        return fail(.type, "unsupported operand type(s) for \(symbol): '\(typeName(a))' and '\(typeName(b))'")
    }

    // MARK: - Numbers

    private func calculate(_ binary: BinaryOperator, _ a: Int, _ b: Int) throws(Stop) -> Value {
        let (result, overflowed): (Int, Bool)
        switch binary {
        case .add: (result, overflowed) = a.addingReportingOverflow(b)
        case .sub: (result, overflowed) = a.subtractingReportingOverflow(b)
        case .mul: (result, overflowed) = a.multipliedReportingOverflow(by: b)
        case .div:
            guard b != 0 else { throw divisionByZero() }
            return .float(Double(a) / Double(b))
        case .floorDiv, .mod:
            guard b != 0 else { throw divisionByZero() }
            if b == -1 {
                (result, overflowed) = binary == .mod ? (0, false) : (0).subtractingReportingOverflow(a)
            } else {
                let (quotient, rest) = a.quotientAndRemainder(dividingBy: b)
                let isOff = rest != 0 && (rest < 0) != (b < 0)
                result = binary == .mod ? (isOff ? rest + b : rest) : (isOff ? quotient - 1 : quotient)
                overflowed = false
            }
        case .pow:
            guard b >= 0 else { return try calculate(.pow, Double(a), Double(b)) }
            (result, overflowed) = power(a, b)
        }
        if overflowed { throw overflow() }
        return .int(result)
    }

    private func power(_ base: Int, _ exponent: Int) -> (Int, Bool) {
        if base == 0 || base == 1 { return (exponent == 0 ? 1 : base, false) }
        if base == -1 { return (exponent % 2 == 0 ? 1 : -1, false) }
        guard exponent < 64 else { return (0, true) }
        var result = 1
        for _ in 0..<exponent {
            let (product, overflowed) = result.multipliedReportingOverflow(by: base)
            if overflowed { return (0, true) }
            result = product
        }
        return (result, false)
    }

    private func calculate(_ binary: BinaryOperator, _ a: Double, _ b: Double) throws(Stop) -> Value {
        switch binary {
        case .add: return .float(a + b)
        case .sub: return .float(a - b)
        case .mul: return .float(a * b)
        case .div:
            guard b != 0 else { throw divisionByZero() }
            return .float(a / b)
        case .floorDiv, .mod:
            guard b != 0 else { throw divisionByZero() }
            var rest = a.truncatingRemainder(dividingBy: b)
            let adjusted = rest != 0 && (b < 0) != (rest < 0)
            if adjusted { rest += b }
            if binary == .mod { return .float(rest == 0 ? Double(signOf: b, magnitudeOf: 0) : rest) }
            let quotient = (a - rest) / b
            guard quotient != 0 else { return .float(Double(signOf: a / b, magnitudeOf: 0)) }
            let floor = quotient.rounded(.down)
            return .float(quotient - floor > 0.5 ? floor + 1 : floor)
        case .pow:
            if a == 0, b < 0 { throw fail(.value, "0.0 cannot be raised to a negative power") }
            if a < 0, a.isFinite, b.isFinite, b != b.rounded() {
                throw fail(.value, "a negative number cannot be raised to a fractional power")
            }
            let result = clinux_pow(a, b)
            if result.isInfinite, a.isFinite, b.isFinite { throw fail(.value, "numerical result out of range") }
            return .float(result)
        }
    }

    func negate(_ value: Value, isMinus: Bool) throws(Stop) -> Value {
        if let whole = value.index {
            guard isMinus else { return .int(whole) }
            guard whole != .min else { throw overflow() }
            return .int(-whole)
        }
        if value.tag == .float { return .float(isMinus ? -value.float : value.float) }
        if value.isUndefined { throw undefinedError(value) }
        if value.tag == .bigInt { throw overflow() }
        throw fail(.type, "bad operand type for unary \(isMinus ? "-" : "+"): '\(typeName(value))'")
    }

    // MARK: - Sequences

    /// `a + b` of strings; where one is safe HTML, the other is escaped.
    private func concatenate(_ a: Value, _ b: Value) throws(Stop) -> Value {
        let isSafe = a.isSafe || b.isSafe
        let mark = out.writerIndex
        try reserve(a.text.count + b.text.count)
        for part in [a, b] {
            if isSafe, !part.isSafe { appendEscaped(part.text) } else { out.append(part.text) }
        }
        return try taken(from: mark, safe: isSafe)
    }

    private func joinLists(_ a: Value, _ b: Value) throws(Stop) -> Value {
        let left = try items(a.list)
        let right = try items(b.list)
        let count = left.count + right.count
        try charge(count)
        guard let values = arena.values(count) else { throw outOfMemory() }
        if let base = left.baseAddress { values.initialize(from: base, count: left.count) }
        if let base = right.baseAddress { (values + left.count).initialize(from: base, count: right.count) }
        let joined = try make(ListStorage(items: values, count: count, json: nil, jsonCount: 0))
        return a.tag == .list ? .list(joined) : .tuple(joined)
    }

    /// A sequence `times` over; nil when `value` is none.
    private func multiply(_ value: Value, _ times: Int) throws(Stop) -> Value? {
        let times = max(times, 0)
        switch value.tag {
        case .string:
            let (bytes, overflowed) = value.text.count.multipliedReportingOverflow(by: times)
            guard !overflowed, bytes <= TemplateLimits.maximumOutputBytes else { throw outOfMemory() }
            let mark = out.writerIndex
            try reserve(bytes)
            if bytes > 0 { for _ in 0..<times { out.append(value.text) } }
            return try taken(from: mark, safe: value.isSafe)
        case .list, .tuple:
            let items = try items(value.list)
            let (count, overflowed) = items.count.multipliedReportingOverflow(by: times)
            guard !overflowed, count <= TemplateLimits.maximumSteps else { throw outOfMemory() }
            try charge(count)
            guard let values = arena.values(count) else { throw outOfMemory() }
            if let base = items.baseAddress, count > 0 {
                for at in 0..<times { (values + at * items.count).initialize(from: base, count: items.count) }
            }
            let repeated = try make(ListStorage(items: values, count: count, json: nil, jsonCount: 0))
            return value.tag == .list ? .list(repeated) : .tuple(repeated)
        default: return nil
        }
    }
}

extension Double {
    /// Zero with the sign of `other`.
    fileprivate init(signOf other: Double, magnitudeOf zero: Double) {
        self = Double(sign: other.sign, exponent: 0, significand: zero)
    }
}
