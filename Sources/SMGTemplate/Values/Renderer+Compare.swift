internal import SMGBase

// Truth, equality, order and membership, as in Python.
extension Renderer {
    @inline(__always)
    func isTrue(_ value: Value) throws(Stop) -> Bool {
        switch value.tag {
        case .bool, .int: value.bits != 0
        case .string: value.aux != 0
        case .undefined, .none, .missing: false
        default: try isTrueContainer(value)
        }
    }

    private func isTrueContainer(_ value: Value) throws(Stop) -> Bool {
        switch value.tag {
        case .float: value.float != 0
        case .list, .tuple: try items(value.list).count > 0
        case .dict, .view:
            try count(value.dict) > 0
        case .range: value.range.pointee.count > 0
        case .loop: try length(value.loop) > 0
        default: true
        }
    }

    /// Members of a dictionary.
    func count(_ dict: UnsafeMutablePointer<DictStorage>) throws(Stop) -> Int {
        try force(dict)
        return dict.pointee.count
    }

    // MARK: - Equality

    func isEqual(_ a: Value, _ b: Value, depth: Int = 0) throws(Stop) -> Bool {
        guard a.tag == b.tag else { return try isEqualAcross(a, b) }
        switch a.tag {
        case .string:
            try chargeText(min(a.text.count, b.text.count))
            return a.text.isEqual(to: b.text)
        case .int, .bool: return a.bits == b.bits
        case .float: return a.float == b.float
        case .none, .undefined, .missing: return true
        case .bigInt:
            try chargeText(min(a.text.count, b.text.count))
            return a.text.isEqual(to: b.text)
        case .list, .tuple:
            let left = try items(a.list)
            let right = try items(b.list)
            guard left.count == right.count else { return false }
            if left.baseAddress == right.baseAddress { return true }
            guard depth < TemplateLimits.maximumValueDepth else { throw tooDeep() }
            try charge(left.count)
            for at in 0..<left.count where !(try isEqual(left[at], right[at], depth: depth + 1)) { return false }
            return true
        case .dict: return try isEqual(a.dict, b.dict, depth: depth)
        case .range:
            let (left, right) = (a.range.pointee, b.range.pointee)
            guard left.count == right.count else { return false }
            return left.count == 0 || (left.start == right.start && (left.count == 1 || left.step == right.step))
        case .view:
            guard a.aux == b.aux, a.aux != 1 else { return false }
            return try isEqual(a.dict, b.dict, depth: depth)
        default: return a.bits == b.bits && a.aux == b.aux
        }
    }

    private func isEqualAcross(_ a: Value, _ b: Value) throws(Stop) -> Bool {
        if let left = a.index {
            if let right = b.index { return left == right }
            if b.tag == .float { return Double(left) == b.float && Int(exactly: b.float) == left }
            return false
        }
        if a.tag == .float, let right = b.index { return Int(exactly: a.float) == right }
        return false
    }

    private func isEqual(
        _ a: UnsafeMutablePointer<DictStorage>, _ b: UnsafeMutablePointer<DictStorage>, depth: Int
    ) throws(Stop) -> Bool {
        if a == b { return true }
        guard try count(a) == (try count(b)) else { return false }
        guard depth < TemplateLimits.maximumValueDepth else { throw tooDeep() }
        try charge(a.pointee.count)
        guard let entries = a.pointee.entries else { return true }
        for at in 0..<a.pointee.count {
            let other = try member(b, entries[at].key)
            guard !other.isMissing else { return false }
            guard try isEqual(entries[at].value, other, depth: depth + 1) else { return false }
        }
        return true
    }

    // MARK: - Order

    func compares(_ comparison: ComparisonOperator, _ a: Value, _ b: Value) throws(Stop) -> Bool {
        switch comparison {
        case .equal: try isEqual(a, b)
        case .notEqual: !(try isEqual(a, b))
        case .contained: try contains(b, a)
        case .notContained: !(try contains(b, a))
        case .less: try order(a, b, "<") { $0 < 0 }
        case .lessEqual: try order(a, b, "<=") { $0 <= 0 }
        case .greater: try order(a, b, ">") { $0 > 0 }
        case .greaterEqual: try order(a, b, ">=") { $0 >= 0 }
        }
    }

    private func order(
        _ a: Value, _ b: Value, _ symbol: StaticString, _ holds: (Int) -> Bool
    ) throws(Stop) -> Bool {
        guard let order = try order(a, b, symbol) else { return false }
        return holds(order)
    }

    /// Negative, zero or positive as `a` comes before, equals or follows `b`; nil when they cannot be ordered without
    /// being wrong, which is what not-a-number does.
    func order(_ a: Value, _ b: Value, _ symbol: StaticString, depth: Int = 0) throws(Stop) -> Int? {
        if let left = a.index, let right = b.index { return left < right ? -1 : left > right ? 1 : 0 }
        if a.isString, b.isString {
            try chargeText(min(a.text.count, b.text.count))
            return a.text.compare(to: b.text)
        }
        if let left = a.number, let right = b.number {
            if left.isNaN || right.isNaN { return nil }
            if let whole = a.index, let other = Int(exactly: right) {
                return whole < other ? -1 : whole > other ? 1 : 0
            }
            if let whole = b.index, let other = Int(exactly: left) { return other < whole ? -1 : other > whole ? 1 : 0 }
            return left < right ? -1 : left > right ? 1 : 0
        }
        if a.tag == b.tag, a.tag == .list || a.tag == .tuple {
            guard depth < TemplateLimits.maximumValueDepth else { throw tooDeep() }
            let left = try items(a.list)
            let right = try items(b.list)
            for at in 0..<min(left.count, right.count) {
                try charge()
                if try isEqual(left[at], right[at]) { continue }
                return try order(left[at], right[at], symbol, depth: depth + 1)
            }
            return left.count - right.count
        }
        if a.isUndefined { throw undefinedError(a) }
        if b.isUndefined { throw undefinedError(b) }
        throw fail(
            .type,
            "'\(symbol)' not supported between instances of '\(typeName(a))' and '\(typeName(b))'")
    }

    // MARK: - Membership

    /// Whether `item in container`.
    func contains(_ container: Value, _ item: Value) throws(Stop) -> Bool {
        switch container.tag {
        case .string:
            guard item.isString else {
                throw fail(.type, "'in <string>' requires string as left operand, not \(typeName(item))")
            }
            try chargeText(container.text.count)
            return container.text.firstRange(of: item.text) != nil
        case .list, .tuple:
            for candidate in try items(container.list) {
                try charge()
                if try isEqual(candidate, item) { return true }
            }
            return false
        case .dict:
            if item.isString { return !(try member(container.dict, item.text).isMissing) }
            return !(try member(container.dict, item).isMissing)
        case .view where container.aux == 0: return !(try member(container.dict, item).isMissing)
        case .range:
            guard let wanted = item.index ?? (item.tag == .float ? Int(exactly: item.float) : nil) else { return false }
            let range = container.range.pointee
            let (distance, overflow) = wanted.subtractingReportingOverflow(range.start)
            guard !overflow, range.count > 0 else { return false }
            let (place, rest) = distance.magnitude.quotientAndRemainder(dividingBy: range.step.magnitude)
            let isAhead = distance == 0 || (distance < 0) == (range.step < 0)
            return isAhead && rest == 0 && place < range.count.magnitude
        case .undefined: return false
        case .view, .generator:
            let iterator = try iterate(container)
            while true {
                let candidate = try next(iterator)
                if candidate.isMissing { return false }
                if try isEqual(candidate, item) { return true }
            }
        default: throw fail(.type, "argument of type '\(typeName(container))' is not iterable")
        }
    }
}
