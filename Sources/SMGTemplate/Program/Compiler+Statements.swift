extension Compiler {
    /// The nodes of one statement.
    func statement(_ statement: Statement, _ frame: Frame) throws(TemplateError) -> [Int32] {
        let line = statement.line
        switch statement.kind {
        case .output(let pieces): return try output(pieces, frame, line)
        case .loop(let loop): return [try self.loop(loop, frame, line)]
        case .branch(let branches, let otherwise): return [try branch(branches, otherwise, frame, line)]
        case .set(let target, let value):
            let value = try expression(value, frame)
            return [emit(.set, line, a: try self.target(target, frame), b: value)]
        case .setBlock(let target, let filter, let body):
            return [try setBlock(target, filter, body, frame, line)]
        case .macro(let name, let parameters, let body):
            let macro = try self.macro(name, parameters, body, frame, line)
            macros[Int(macro)].target = ownSlot(name, frame)
            return [emit(.macro, line, a: macro)]
        case .callBlock(let call, let parameters, let body):
            let macro = try self.macro("caller", parameters, body, frame, line)
            return [emit(.callBlock, line, a: try self.call(call, frame), b: macro)]
        case .filterBlock(let filter, let body):
            let inner = innerFrame(frame)
            inner.scope.visit(body)
            inner.scope.visit(filter)
            let block = try self.block(body, inner, ownsFrame: true)
            return [emit(.filterBlock, line, a: try expression(filter, inner), b: block)]
        case .with(let targets, let values, let body): return [try with(targets, values, body, frame, line)]
        case .generation(let body):
            // Jinja makes it the body of a call block: a function, which no break can leave.
            let inner = innerFrame(frame)
            inner.isInLoop = false
            inner.scope.visit(body)
            return [emit(.scope, line, a: try block(body, inner, ownsFrame: true))]
        case .scope(let body):
            let inner = innerFrame(frame)
            inner.scope.visit(body)
            return [emit(.scope, line, a: try block(body, inner, ownsFrame: true))]
        case .evaluate(let value): return [emit(.evaluate, line, a: try expression(value, frame))]
        case .leave, .next:
            guard frame.isInLoop else { throw fail("break or continue outside of a loop", line) }
            if case .leave = statement.kind { return [emit(.leave, line)] }
            return [emit(.next, line)]
        }
    }

    private func innerFrame(_ frame: Frame) -> Frame {
        Frame(scope: newScope(parent: frame.scope), function: frame.function, isInLoop: frame.isInLoop)
    }

    private func output(_ pieces: [Statement.Piece], _ frame: Frame, _ line: Int) throws(TemplateError) -> [Int32] {
        var places: [Int32] = []
        var pending = ""
        var pendingLine = line
        func flush() {
            if !pending.isEmpty { places.append(emit(.text, pendingLine, a: constant(text(pending)))) }
            pending = ""
        }
        for piece in pieces {
            switch piece {
            case .text(let text): pending += text
            case .expression(let expression):
                let node = try self.expression(expression, frame)
                if let value = constantValue(node), let text = heap.constantText(value) {
                    pending += text
                } else {
                    flush()
                    places.append(emit(.emit, expression.line, a: node))
                }
                pendingLine = expression.line
            }
        }
        flush()
        return places
    }

    private func branch(
        _ branches: [Statement.Branch], _ otherwise: [Statement], _ frame: Frame, _ line: Int
    ) throws(TemplateError) -> Int32 {
        let soft = frame.soft()
        var places: [Int32] = []
        for branch in branches {
            places.append(try expression(branch.test, soft))
            places.append(try block(branch.body, soft, ownsFrame: false))
        }
        let rest = otherwise.isEmpty ? -1 : try block(otherwise, soft, ownsFrame: false)
        return emit(.branch, line, a: place(places), b: Int32(branches.count), c: rest)
    }

    private func setBlock(
        _ target: Expression, _ filter: Expression?, _ body: [Statement], _ frame: Frame, _ line: Int
    ) throws(TemplateError) -> Int32 {
        let inner = innerFrame(frame)
        inner.scope.visit(body)
        if let filter { inner.scope.visit(filter) }
        let block = try self.block(body, inner, ownsFrame: true)
        let filterNode = try filter.map { (filter) throws(TemplateError) in try expression(filter, inner) } ?? -1
        return emit(.setBlock, line, a: try self.target(target, frame), b: filterNode, c: block)
    }

    private func with(
        _ targets: [Expression], _ values: [Expression], _ body: [Statement], _ frame: Frame, _ line: Int
    ) throws(TemplateError) -> Int32 {
        let inner = innerFrame(frame)
        for target in targets { inner.scope.visit(target: target, asParameters: true) }
        inner.scope.visit(body)
        let slots = enter(inner)
        var places: [Int32] = []
        for (target, value) in zip(targets, values) {
            places.append(try self.target(target, inner))
            places.append(try expression(value, frame))
        }
        // The variables start before the values are computed, so the block itself has nothing to start.
        let block = try self.block(body, inner, slots: (0, 0))
        let start = place([slots.slots, slots.count])
        return emit(.with, line, a: place(places), b: Int32(targets.count), c: place([block, start]))
    }

    // MARK: - Loops

    private func loop(_ loop: Statement.Loop, _ frame: Frame, _ line: Int) throws(TemplateError) -> Int32 {
        try checkLoopVariable(loop, line)
        let source = try expression(loop.source, frame)
        var info = LoopInfo(target: -1, source: source)
        let savedLevel = level
        let function = loop.isRecursive ? Function(depth: frame.function.depth + 1) : frame.function
        if loop.isRecursive { level = 0 }
        defer { level = savedLevel }

        let bodyFrame = Frame(scope: newScope(parent: frame.scope), function: function, isInLoop: true)
        let isExtended = loop.isRecursive || UndeclaredNames.find(["loop"], in: loop.body).contains("loop")
        if isExtended { bodyFrame.scope.declareParameter("loop") }
        bodyFrame.scope.visit(target: loop.target, asParameters: true)
        bodyFrame.scope.visit(loop.body)

        if let filter = loop.filter {
            let filterFrame = Frame(
                scope: newScope(parent: frame.scope), function: function, isInLoop: frame.isInLoop)
            filterFrame.scope.visit(target: loop.target, asParameters: true)
            filterFrame.scope.visit(filter)
            (info.filterSlots, info.filterSlotCount) = enter(filterFrame)
            info.filterTarget = try target(loop.target, filterFrame)
            info.filter = try expression(filter, filterFrame)
        }
        let slots = enter(bodyFrame)
        info.target = try target(loop.target, bodyFrame)
        if isExtended { info.loopSlot = ownSlot("loop", bodyFrame) }
        info.body = try block(loop.body, bodyFrame, slots: slots)
        if !loop.otherwise.isEmpty {
            let elseFrame = Frame(
                scope: newScope(parent: frame.scope), function: function,
                isInLoop: loop.isRecursive ? false : frame.isInLoop)
            elseFrame.scope.visit(loop.otherwise)
            info.otherwise = try block(loop.otherwise, elseFrame, ownsFrame: true)
        }
        if loop.isRecursive {
            info.frameSlots = function.slots
            info.height = Int32(function.height)
        }
        loops.append(info)
        return emit(.loop, line, a: Int32(loops.count - 1))
    }

    /// Jinja refuses loops that assign to `loop`, wherever in them.
    private func checkLoopVariable(_ loop: Statement.Loop, _ line: Int) throws(TemplateError) {
        var search = StoredNames()
        search.visit(target: loop.target)
        search.visit(loop.body)
        search.visit(loop.otherwise)
        if search.names.contains("loop") { throw fail("can't assign to special loop variable", line) }
    }

    // MARK: - Macros

    /// Compiles a macro or the body of a call block.
    private func macro(
        _ name: String, _ parameters: Parameters, _ body: [Statement], _ frame: Frame, _ line: Int
    ) throws(TemplateError) -> Int32 {
        let savedLevel = level
        level = 0
        defer { level = savedLevel }
        let function = Function(depth: frame.function.depth + 1)
        guard function.depth <= Int(UInt8.max) else { throw fail("macros nested too deeply", line, .limit) }
        let inner = Frame(scope: newScope(parent: frame.scope), function: function, isInLoop: false)
        let special = UndeclaredNames.find(["caller", "kwargs", "varargs"], in: body)
        let explicitCaller = parameters.names.firstIndex(of: "caller")
        for parameter in parameters.names { inner.scope.declareParameter(parameter) }
        if special.contains("caller"), let at = explicitCaller {
            guard at >= parameters.names.count - parameters.defaults.count else {
                throw fail("the special \"caller\" argument must be omitted or be given a default", line)
            }
        }
        let added = special.subtracting(parameters.names)
        for name in added { inner.scope.declareParameter(name) }
        for value in parameters.defaults { inner.scope.visit(value) }
        inner.scope.visit(body)
        let slots = enter(inner)

        var info = MacroInfo(name: self.name(name))
        info.hasExplicitCaller = explicitCaller != nil
        if added.contains("caller") { info.callerSlot = ownSlot("caller", inner) }
        if added.contains("kwargs") { info.namedSlot = ownSlot("kwargs", inner) }
        if added.contains("varargs") { info.restSlot = ownSlot("varargs", inner) }
        var places: [ParameterInfo] = []
        let firstDefault = parameters.names.count - parameters.defaults.count
        for (at, parameter) in parameters.names.enumerated() {
            let value = at >= firstDefault ? try expression(parameters.defaults[at - firstDefault], inner) : -1
            places.append(ParameterInfo(name: self.name(parameter), slot: ownSlot(parameter, inner), value: value))
        }
        info.parameters = Int32(self.parameters.count)
        info.parameterCount = Int32(places.count)
        self.parameters += places
        info.body = try block(body, inner, slots: slots)
        info.frameSlots = function.slots
        info.height = Int32(function.height)
        macros.append(info)
        return Int32(macros.count - 1)
    }
}

/// The names a body assigns to, anywhere in it.
private struct StoredNames {
    var names: Set<String> = []

    mutating func visit(target: Expression) {
        switch target.kind {
        case .name(let name): names.insert(name)
        case .tuple(let parts): for part in parts { visit(target: part) }
        default: break
        }
    }

    mutating func visit(_ statements: [Statement]) {
        for statement in statements {
            switch statement.kind {
            case .set(let target, _): visit(target: target)
            case .setBlock(let target, _, let body):
                visit(target: target)
                visit(body)
            case .loop(let loop):
                visit(target: loop.target)
                visit(loop.body)
                visit(loop.otherwise)
            case .branch(let branches, let otherwise):
                for branch in branches { visit(branch.body) }
                visit(otherwise)
            case .macro(_, _, let body), .callBlock(_, _, let body), .filterBlock(_, let body), .with(_, _, let body),
                .generation(let body), .scope(let body):
                visit(body)
            case .output, .evaluate, .leave, .next: break
            }
        }
    }
}
