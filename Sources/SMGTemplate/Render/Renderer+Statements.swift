internal import SMGBase

/// How a statement ended.
enum Flow {
    case normal
    /// `break` and `continue`, on their way to their loop.
    case leave, next
}

extension Renderer {
    /// Runs a whole template.
    func run(_ program: Program) throws(Stop) {
        let (frame, _) = try enter(slots: program.rootSlots, outer: nil)
        self.frame = frame
        locals = frame.pointee.locals
        depth = Int(program.rootHeight)
        _ = try run(block: program.root)
        try checkOutput()
    }

    /// A frame with unset variables.
    func enter(
        slots: Int32, outer: UnsafeMutablePointer<FrameState>?
    ) throws(Stop) -> (UnsafeMutablePointer<FrameState>, UnsafeMutablePointer<Value>) {
        guard let locals = arena.values(Int(slots)) else { throw outOfMemory() }
        locals.initialize(repeating: .missing, count: Int(slots))
        return (try make(FrameState(locals: locals, outer: outer)), locals)
    }

    /// Gives variables their start values.
    @inline(__always)
    func start(slots: Int32, count: Int32) throws(Stop) {
        guard count > 0 else { return }
        try charge(Int(count) / TemplateLimits.variablesPerStep)
        for at in Int(slots)..<Int(slots &+ count) {
            let start = slotStarts[at]
            let value: Value
            switch start.source {
            case .nothing: value = .missing
            case .global: value = globals[Int(start.index)]
            case .copy: value = outerLocals(start.hops)[Int(start.index)]
            }
            locals[Int(start.slot)] = value
        }
    }

    /// The variables of the frame `hops` levels out.
    @inline(__always)
    func outerLocals(_ hops: Int32) -> UnsafeMutablePointer<Value> {
        if hops == 0 { return locals }
        var frame = self.frame
        for _ in 0..<hops { if let outer = frame.pointee.outer { frame = outer } }
        return frame.pointee.locals
    }

    func run(block: Int32) throws(Stop) -> Flow {
        guard let program else { return .normal }
        let info = program.blocks[Int(block)]
        try start(slots: info.slots, count: info.slotCount)
        for at in Int(info.start)..<Int(info.start &+ info.count) {
            let flow = try run(operands[at])
            if flow != .normal { return flow }
        }
        return .normal
    }

    private func run(_ place: Int32) throws(Stop) -> Flow {
        let node = nodes[Int(place)]
        line = node.line
        try charge()
        switch node.operation {
        case .text:
            out.append(constants[Int(node.a)].text)
            try checkOutput()
        case .emit:
            try emit(node.a)
            try checkOutput()
        case .branch: return try branch(node)
        case .loop: return try loop(Int(node.a))
        case .set: try assign(try evaluate(node.b), to: node.a)
        case .setBlock: return try setBlock(node)
        case .macro:
            let value = try macroValue(node.a)
            if let target = program?.macros[Int(node.a)].target, target >= 0 { locals[Int(target)] = value }
        case .callBlock: try callBlock(node)
        case .filterBlock: return try filterBlock(node)
        case .with: return try with(node)
        case .scope: return try run(block: node.a)
        case .evaluate: _ = try evaluate(node.a)
        case .leave: return .leave
        case .next: return .next
        default: break
        }
        return .normal
    }

    private func branch(_ node: Node) throws(Stop) -> Flow {
        var at = Int(node.a)
        for branch in 0..<node.b {
            if branch > 0 { try charge() }
            if try isTrue(try evaluate(operands[at])) { return try run(block: operands[at + 1]) }
            at &+= 2
        }
        return node.c >= 0 ? try run(block: node.c) : .normal
    }

    private func setBlock(_ node: Node) throws(Stop) -> Flow {
        let mark = out.writerIndex
        let flow = try run(block: node.c)
        guard flow == .normal else {
            try discard(from: mark)
            return flow
        }
        line = node.line
        var value = try taken(from: mark)
        if node.b >= 0 { value = try filterChain(node.b, over: value) }
        try assign(value, to: node.a)
        return .normal
    }

    private func filterBlock(_ node: Node) throws(Stop) -> Flow {
        let mark = out.writerIndex
        let flow = try run(block: node.b)
        guard flow == .normal else {
            // What a loop's end cuts off was never finished, and so never printed.
            try discard(from: mark)
            return flow
        }
        line = node.line
        try print(try filterChain(node.a, over: try taken(from: mark)))
        try checkOutput()
        return .normal
    }

    private func with(_ node: Node) throws(Stop) -> Flow {
        let block = operands[Int(node.c)]
        let slots = Int(operands[Int(node.c &+ 1)])
        try start(slots: operands[slots], count: operands[slots + 1])
        for pair in 0..<Int(node.b) {
            let value = try evaluate(operands[Int(node.a) + pair * 2 + 1])
            try assign(value, to: operands[Int(node.a) + pair * 2])
        }
        return try run(block: block)
    }

    // MARK: - Assigning

    /// Puts `value` where `target` says.
    func assign(_ value: Value, to target: Int32) throws(Stop) {
        let node = nodes[Int(target)]
        switch node.operation {
        case .targetLocal: locals[Int(node.a)] = value
        case .targetNamespace:
            let namespace = try evaluate(node.a)
            guard namespace.tag == .namespace else {
                throw fail(.type, "cannot assign attribute on non-namespace object")
            }
            try set(namespace.dict, constants[Int(node.b)], value)
        case .targetTuple: try unpack(value, node)
        default: break
        }
    }

    private func unpack(_ value: Value, _ node: Node) throws(Stop) {
        let wanted = Int(node.b)
        try charge(wanted)
        var parts = ListBuilder()
        if value.tag == .list || value.tag == .tuple {
            let items = try items(value.list)
            if items.count == wanted {
                for at in 0..<wanted { try assign(items[at], to: operands[Int(node.a) + at]) }
                return
            }
        }
        let iterator = try iterate(value)
        while parts.count <= wanted {
            let item = try next(iterator)
            if item.isMissing { break }
            try append(item, to: &parts)
        }
        guard parts.count == wanted, let items = parts.items else {
            if wanted == 0, parts.count == 0 { return }
            throw fail(
                .value, parts.count > wanted ? "too many values to unpack" : "not enough values to unpack")
        }
        for at in 0..<wanted { try assign(items[at], to: operands[Int(node.a) + at]) }
    }
}
