internal import SMGBase

/// The functions every template can call.
enum GlobalFunction: UInt8, CaseIterable {
    case range, dict, namespace, cycler, joiner, lipsum
    case raiseException, strftimeNow

    /// What templates call it.
    var name: StaticString {
        switch self {
        case .range: "range"
        case .dict: "dict"
        case .namespace: "namespace"
        case .cycler: "cycler"
        case .joiner: "joiner"
        case .lipsum: "lipsum"
        case .raiseException: "raise_exception"
        case .strftimeNow: "strftime_now"
        }
    }

    /// The function called `name`.
    static func named(_ name: UnsafeRawBufferPointer) -> GlobalFunction? {
        allCases.first { name.equals($0.name) }
    }
}

extension Renderer {
    func call(_ function: GlobalFunction, _ arguments: CallArguments) throws(Stop) -> Value {
        switch function {
        case .range: return try range(arguments)
        case .dict: return .dict(try newDict(from: arguments))
        case .namespace:
            return Value(.namespace, at: try newDict(from: arguments))
        case .cycler:
            guard arguments.namedCount == 0 else { throw fail(.arguments, "cycler() takes no keyword arguments") }
            guard arguments.count > 0 else { throw fail(.type, "at least one item has to be provided") }
            var builder = ListBuilder()
            for at in 0..<arguments.count { try append(arguments[at], to: &builder) }
            return Value(.cycler, at: try make(Cell(first: try tuple(builder), second: .missing, position: 0)))
        case .joiner:
            var reader = ArgumentReader(arguments, "joiner")
            let separator = try reader.next("sep", self)
            try reader.finish(self)
            let first = separator.isMissing ? Value.string(", ") : separator
            return Value(.joiner, at: try make(Cell(first: first, second: .missing, position: 0)))
        case .lipsum: throw fail(.type, "lipsum() is not supported: a chat template renders the same each time")
        case .raiseException:
            var reader = ArgumentReader(arguments, "raise_exception")
            let message = try reader.required("message", self)
            try reader.finish(self)
            throw fail(.raised, try text(message).text.string)
        case .strftimeNow:
            var reader = ArgumentReader(arguments, "strftime_now")
            let format = try reader.required("format", self)
            try reader.finish(self)
            guard format.isString else {
                throw fail(.type, "strftime() argument 1 must be str, not \(typeName(format))")
            }
            try charge(format.text.count * TemplateLimits.stepsPerNumber)
            return try capture { () throws(Stop) in
                now.append(format: format.text, to: out)
                try checkOutput()
            }
        }
    }

    private func range(_ arguments: CallArguments) throws(Stop) -> Value {
        try checkCount(arguments, "range", 1...3)
        let first = try wholeNumber(arguments[0])
        let start = arguments.count == 1 ? 0 : first
        let stop = arguments.count == 1 ? first : try wholeNumber(arguments[1])
        let step = arguments.count == 3 ? try wholeNumber(arguments[2]) : 1
        guard step != 0 else { throw fail(.value, "range() arg 3 must not be zero") }
        var count = 0
        if step > 0 ? start < stop : start > stop {
            let (distance, overflowed) =
                step > 0
                ? stop.subtractingReportingOverflow(start) : start.subtractingReportingOverflow(stop)
            guard !overflowed else { throw tooLongRange() }
            count = (distance - 1) / Int(clamping: step.magnitude) + 1
        }
        guard count <= TemplateLimits.maximumRange else { throw tooLongRange() }
        return Value(.range, at: try make(RangeStorage(start: start, step: step, count: count, stop: stop)))
    }

    private func tooLongRange() -> Stop {
        fail(.value, "Range too big. The sandbox blocks ranges larger than \(TemplateLimits.maximumRange).")
    }

    /// A dictionary from what `dict` is called with: a mapping or pairs, and named arguments.
    private func newDict(from arguments: CallArguments) throws(Stop) -> UnsafeMutablePointer<DictStorage> {
        guard arguments.count <= 1 else { throw fail(.arguments, "dict expected at most 1 argument") }
        let dict = try newDict(capacity: arguments.namedCount)
        let source = arguments[0]
        if source.tag == .dict {
            try force(source.dict)
            for at in 0..<source.dict.pointee.count {
                if let entry = source.dict.pointee.entries?[at] { try set(dict, entry.key, entry.value) }
            }
        } else if !source.isMissing {
            let iterator = try iterate(source)
            while true {
                let item = try next(iterator)
                if item.isMissing { break }
                let parts = try listed(item)
                guard parts.count == 2 else {
                    throw fail(.value, "dictionary update sequence element has length \(parts.count); 2 is required")
                }
                try set(dict, parts[0], parts[1])
            }
        }
        for at in 0..<arguments.namedCount { try set(dict, arguments.name(at), arguments.value(at)) }
        return dict
    }
}
