internal import SMGBase

// `abs`, `int`, `float`, `round`, `sum`, `min` and `max`.
extension Renderer {
    func applyNumber(_ filter: Filter, _ input: Value, _ arguments: CallArguments) throws(Stop) -> Value {
        switch filter {
        case .abs:
            try checkCount(arguments, "abs", 0...0)
            if let whole = input.index { return whole < 0 ? try negate(.int(whole), isMinus: true) : .int(whole) }
            if input.tag == .float { return .float(input.float.magnitude) }
            if input.tag == .bigInt { throw fail(.value, "integer result does not fit 64 bits") }
            throw fail(.type, "bad operand type for abs(): '\(typeName(input))'")
        case .int: return try toInt(input, arguments)
        case .float:
            var reader = ArgumentReader(arguments, "float")
            let standard = try reader.next("default", self)
            try reader.finish(self)
            if input.isUndefined { throw undefinedError(input) }
            if input.isString { try chargeNumber(input.text) }
            if let value = input.number ?? (input.isString ? PythonFloat.parse(input.text) : nil) {
                return .float(value)
            }
            return standard.isMissing ? .float(0) : standard
        case .round: return try round(input, arguments)
        case .sum:
            var reader = ArgumentReader(arguments, "sum")
            let attribute = try reader.next("attribute", self)
            let start = try reader.next("start", self)
            try reader.finish(self)
            var total = start.isMissing ? .int(0) : start
            if total.isString { throw fail(.type, "sum() can't sum strings [use ''.join(seq) instead]") }
            let iterator = try iterate(try attributes(input, attribute))
            while true {
                let item = try next(iterator)
                if item.isMissing { return total }
                try charge()
                total = try calculate(.add, total, item)
            }
        default: return try extreme(filter, input, arguments)
        }
    }

    /// Pays for reading `text` as a number.
    func chargeNumber(_ text: UnsafeRawBufferPointer) throws(Stop) {
        try chargeCharacters(text.count)
        try charge(TemplateLimits.stepsPerNumber)
    }

    private func extreme(_ filter: Filter, _ input: Value, _ arguments: CallArguments) throws(Stop) -> Value {
        var reader = ArgumentReader(arguments, "min")
        let isCaseSensitive = try reader.flag("case_sensitive", self)
        let path = try path(try reader.next("attribute", self))
        try reader.finish(self)
        let iterator = try iterate(input)
        var best = Value.missing
        var bestKey = Value.missing
        while true {
            let item = try next(iterator)
            if item.isMissing { break }
            try charge()
            var key = try follow(path, from: item)
            if !isCaseSensitive { key = try ignoringCase(key) }
            if !best.isMissing {
                let comparison = filter == .min ? try order(key, bestKey, "<") : try order(bestKey, key, "<")
                guard let comparison, comparison < 0 else { continue }
            }
            best = item
            bestKey = key
        }
        return best.isMissing ? .undefined("No aggregated item, sequence was empty.") : best
    }

    private func toInt(_ input: Value, _ arguments: CallArguments) throws(Stop) -> Value {
        var reader = ArgumentReader(arguments, "int")
        var standard = try reader.next("default", self)
        let base = try reader.next("base", self)
        try reader.finish(self)
        if standard.isMissing { standard = .int(0) }
        if input.isUndefined { throw undefinedError(input) }
        if let whole = input.index { return .int(whole) }
        if input.tag == .bigInt { return input }
        var double: Double?
        if input.isString {
            try chargeNumber(input.text)
            let radix = base.isMissing ? 10 : try wholeNumber(base)
            if radix == 0 || (2...36).contains(radix), let whole = try parseInt(input.text, radix: radix) {
                return .int(whole)
            }
            double = PythonFloat.parse(input.text)
        } else if input.tag == .float {
            double = input.float
            if input.float.isInfinite { throw fail(.value, "cannot convert float infinity to integer") }
        }
        guard let double, double.isFinite else { return standard }
        guard let whole = Int(exactly: double.rounded(.towardZero)) else {
            throw fail(.value, "integer result does not fit 64 bits")
        }
        return .int(whole)
    }

    /// `int(text, radix)`; nil when that would be an error.
    private func parseInt(_ text: UnsafeRawBufferPointer, radix: Int) throws(Stop) -> Int? {
        var digits = PythonText.strip(text).string[...]
        let isNegative = digits.hasPrefix("-")
        if isNegative || digits.hasPrefix("+") { digits = digits.dropFirst() }
        var radix = radix
        let prefix = digits.prefix(2).lowercased()
        let prefixed = prefix == "0x" ? 16 : prefix == "0o" ? 8 : prefix == "0b" ? 2 : 0
        if prefixed != 0, radix == 0 || radix == prefixed {
            radix = prefixed
            digits = digits.dropFirst(2)
            if digits.hasPrefix("_") { digits = digits.dropFirst() }
        } else if radix == 0 {
            guard !digits.hasPrefix("0") || digits.allSatisfy({ $0 == "0" || $0 == "_" }) else { return nil }
            radix = 10
        }
        guard let first = digits.first, let last = digits.last, first != "_", last != "_" else { return nil }
        var value = 0
        var afterUnderscore = false
        for character in digits.unicodeScalars {
            if character == "_" {
                if afterUnderscore { return nil }
                afterUnderscore = true
                continue
            }
            afterUnderscore = false
            guard let digit = digitValue(character), digit < radix else { return nil }
            let (product, tooBig) = value.multipliedReportingOverflow(by: radix)
            let (sum, tooLow) = product.subtractingReportingOverflow(digit)
            guard !tooBig, !tooLow else { throw fail(.value, "integer result does not fit 64 bits") }
            value = sum
        }
        if isNegative { return value }
        guard value != .min else { throw fail(.value, "integer result does not fit 64 bits") }
        return -value
    }

    private func digitValue(_ scalar: Unicode.Scalar) -> Int? {
        if let digit = scalar.properties.numericType == .decimal ? scalar.properties.numericValue : nil {
            return Int(digit)
        }
        let letter = scalar.value | 0x20
        return scalar.isASCII && letter >= 0x61 && letter <= 0x7a ? Int(letter) - 0x61 + 10 : nil
    }

    private func round(_ input: Value, _ arguments: CallArguments) throws(Stop) -> Value {
        var reader = ArgumentReader(arguments, "round")
        let places = try reader.next("precision", self)
        let method = try reader.next("method", self)
        try reader.finish(self)
        var rule = FloatingPointRoundingRule.toNearestOrEven
        if !method.isMissing {
            if method.isString, method.text.equals("ceil") {
                rule = .up
            } else if method.isString, method.text.equals("floor") {
                rule = .down
            } else if !(method.isString && method.text.equals("common")) {
                if method.tag == .list || method.tag == .dict { throw fail(.type, "unhashable type") }
                throw fail(.arguments, "method must be common, ceil or floor")
            }
        }
        if input.isUndefined, rule != .toNearestOrEven { throw undefinedError(input) }
        let precision: Int
        if rule == .toNearestOrEven {
            guard input.number != nil else {
                throw fail(.type, "type \(typeName(input)) doesn't define __round__ method")
            }
            if places.tag == .none {
                guard input.tag == .float else { return input.index.map { .int($0) } ?? input }
                return try wholeValue(input.float.rounded(.toNearestOrEven))
            }
            precision = places.isMissing ? 0 : try wholeNumber(places)
            if let whole = input.index { return try roundWhole(whole, precision) }
            guard input.tag == .float else { return input }
            try charge(ExactDecimal.steps(of: input.float))
            return .float(PythonFloat.rounded(input.float, places: precision))
        }
        // Jinja's own way: scaled, rounded to an integer, and scaled back.
        let power = try calculate(.pow, .int(10), places.isMissing ? .int(0) : places)
        let scaled = try calculate(.mul, input, power)
        guard let number = scaled.number else { throw fail(.type, "must be real number, not \(typeName(scaled))") }
        let whole = scaled.index == nil ? try wholeValue(number.rounded(rule)) : scaled
        return try calculate(.div, whole, power)
    }

    private func wholeValue(_ number: Double) throws(Stop) -> Value {
        guard number.isFinite else { throw fail(.value, "cannot convert float \(number) to integer") }
        guard let whole = Int(exactly: number) else { throw fail(.value, "integer result does not fit 64 bits") }
        return .int(whole)
    }

    /// `round` of an integer: to tens, hundreds … for a negative precision, halves to the even side.
    private func roundWhole(_ value: Int, _ precision: Int) throws(Stop) -> Value {
        guard precision < 0 else { return .int(value) }
        guard precision > -19 else { return .int(0) }
        var power = 1
        for _ in 0..<(-precision) { power *= 10 }
        var quotient = value / power
        let rest = value % power
        let twice = rest.magnitude.multipliedReportingOverflow(by: 2)
        let isUp = twice.overflow || twice.partialValue > power.magnitude
        let isHalf = !twice.overflow && twice.partialValue == power.magnitude
        if isUp || (isHalf && quotient & 1 == 1) { quotient += value < 0 ? -1 : 1 }
        let (result, overflowed) = quotient.multipliedReportingOverflow(by: power)
        if overflowed { throw fail(.value, "integer result does not fit 64 bits") }
        return .int(result)
    }
}
