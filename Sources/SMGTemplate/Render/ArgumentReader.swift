internal import SMGBase

/// Takes a call's arguments apart by the names of the callee's parameters, and complains as Python would.
struct ArgumentReader {
    private let arguments: CallArguments
    private let callee: StaticString
    private var position = 0
    private var namedTaken = 0

    init(_ arguments: CallArguments, _ callee: StaticString) {
        self.arguments = arguments
        self.callee = callee
    }

    /// The next parameter, which is called `name`; missing when it is not given.
    @inline(__always)
    mutating func next(_ name: StaticString, _ renderer: Renderer) throws(Stop) -> Value {
        let value = arguments[position]
        position &+= 1
        guard arguments.namedCount > 0 else { return value }
        return try named(name, value, renderer)
    }

    private mutating func named(_ name: StaticString, _ value: Value, _ renderer: Renderer) throws(Stop) -> Value {
        for at in 0..<arguments.namedCount where arguments.name(at).text.equals(name) {
            guard value.isMissing else {
                throw renderer.fail(.arguments, "\(callee)() got multiple values for argument '\(name)'")
            }
            namedTaken += 1
            return arguments.value(at)
        }
        return value
    }

    /// A parameter that must be given.
    mutating func required(_ name: StaticString, _ renderer: Renderer) throws(Stop) -> Value {
        let value = try next(name, renderer)
        if value.isMissing {
            throw renderer.fail(.arguments, "\(callee)() missing a required argument: '\(name)'")
        }
        return value
    }

    /// A parameter that counts as true or false.
    mutating func flag(_ name: StaticString, _ renderer: Renderer) throws(Stop) -> Bool {
        let value = try next(name, renderer)
        return value.isMissing ? false : try renderer.isTrue(value)
    }

    /// Checks that nothing is left.
    func finish(_ renderer: Renderer) throws(Stop) {
        if arguments.count > position {
            throw renderer.fail(.arguments, "\(callee)() takes at most \(position) arguments")
        }
        if arguments.namedCount > namedTaken {
            throw renderer.fail(.arguments, "\(callee)() got an unexpected keyword argument")
        }
    }
}

extension Renderer {
    /// Checks the number of arguments of a callee that takes none by name.
    func checkCount(_ arguments: CallArguments, _ callee: StaticString, _ counts: ClosedRange<Int>) throws(Stop) {
        guard arguments.namedCount == 0 else { throw fail(.arguments, "\(callee)() takes no keyword arguments") }
        guard counts.contains(arguments.count) else {
            throw fail(.arguments, "\(callee)() takes \(counts.lowerBound) to \(counts.upperBound) arguments")
        }
    }
}
