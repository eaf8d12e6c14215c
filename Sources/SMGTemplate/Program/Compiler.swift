/// Turns statements into a program: names become slots, constants are made, text is joined.
final class Compiler {
    /// A frame of variables while its body is compiled.
    final class Frame {
        let scope: Scope
        /// The macro, recursive loop or template whose slots the frame uses.
        let function: Function
        /// Inside an `if`: unknown filters fail when they are reached, not before.
        var isSoft: Bool
        /// Whether `break` and `continue` have a loop to go to.
        var isInLoop: Bool

        init(scope: Scope, function: Function, isSoft: Bool = false, isInLoop: Bool) {
            self.scope = scope
            self.function = function
            self.isSoft = isSoft
            self.isInLoop = isInLoop
        }

        func soft() -> Frame {
            Frame(scope: scope, function: function, isSoft: true, isInLoop: isInLoop)
        }
    }

    /// What has slots of its own at run time.
    final class Function {
        let depth: Int
        var slots: Int32 = 0
        /// Levels the evaluator may go down in its body.
        var height = 0

        init(depth: Int) { self.depth = depth }
    }

    /// Makes constants.
    let heap: Renderer
    var nodes: [Node] = []
    var operands: [Int32] = []
    var constants: [Value] = []
    var blocks: [BlockInfo] = []
    var slotStarts: [SlotStart] = []
    var arguments: [ArgumentsInfo] = []
    var loops: [LoopInfo] = []
    var macros: [MacroInfo] = []
    var parameters: [ParameterInfo] = []
    var globals: [Int32] = []

    private var names: [String: Int32] = [:]
    private var globalPlaces: [String: Int32] = [:]
    private var slots: [Variable: (function: Function, slot: Int32)] = [:]
    /// Variables that are never set: they stay what the input has.
    private var inputs: Set<Variable> = []
    private var nextFrame = 0
    /// Levels of statements around the place at hand, within its function.
    var level = 0

    private init() { heap = Renderer(constantsOf: nil) }

    /// Compiles a whole template.
    static func compile(_ statements: [Statement]) throws(TemplateError) -> Program {
        let compiler = Compiler()
        let function = Function(depth: 0)
        let scope = compiler.newScope(parent: nil)
        scope.visit(statements)
        let frame = Frame(scope: scope, function: function, isInLoop: false)
        let root = try compiler.block(statements, frame, ownsFrame: true)
        guard function.height <= TemplateLimits.maximumDepth else {
            throw TemplateError(.limit, "the template is nested too deeply", line: 0)
        }
        return Program(compiler, root: root, rootSlots: function.slots, rootHeight: Int32(function.height))
    }

    func fail(_ message: String, _ line: Int, _ code: TemplateError.Code = .syntax) -> TemplateError {
        TemplateError(code, message, line: line)
    }

    // MARK: - Tables

    func emit(
        _ operation: Operation, _ line: Int, sub: UInt8 = 0, a: Int32 = -1, b: Int32 = -1, c: Int32 = -1
    ) -> Int32 {
        nodes.append(Node(operation: operation, sub: sub, line: Int32(truncatingIfNeeded: line), a: a, b: b, c: c))
        return Int32(nodes.count - 1)
    }

    /// Places `list` in the operands and returns where.
    func place(_ list: [Int32]) -> Int32 {
        operands += list
        return Int32(operands.count - list.count)
    }

    func constant(_ value: Value) -> Int32 {
        constants.append(value)
        return Int32(constants.count - 1)
    }

    /// The constant string `name`, one for all its uses.
    func name(_ name: String) -> Int32 {
        if let place = names[name] { return place }
        let place = constant(text(name))
        names[name] = place
        return place
    }

    /// `string` as a value that lives as long as the program.
    func text(_ string: String) -> Value {
        // The bound of the source keeps all its constants far below the arena's.
        .string(heap.arena.copy(string) ?? UnsafeRawBufferPointer(start: nil, count: 0))
    }

    /// The value of a node that is a constant.
    func constantValue(_ node: Int32) -> Value? {
        nodes[Int(node)].operation == .constant ? constants[Int(nodes[Int(node)].a)] : nil
    }

    /// Counts `height` more levels below the statements around.
    func note(height: Int, in frame: Frame) {
        frame.function.height = max(frame.function.height, level + height)
    }

    // MARK: - Frames and variables

    func newScope(parent: Scope?) -> Scope {
        nextFrame += 1
        return Scope(frame: nextFrame, parent: parent)
    }

    func globalPlace(_ name: String) -> Int32 {
        if let place = globalPlaces[name] { return place }
        globals.append(self.name(name))
        let place = Int32(globals.count - 1)
        globalPlaces[name] = place
        return place
    }

    /// Gives the frame's own variables slots and returns where their start values stand.
    func enter(_ frame: Frame) -> (slots: Int32, count: Int32) {
        let start = slotStarts.count
        for (name, load) in frame.scope.loads.sorted(by: { $0.key < $1.key }) {
            let variable = Variable(frame: frame.scope.frame, name: name)
            if load == .context, !frame.scope.stores.contains(name) {
                inputs.insert(variable)
                continue
            }
            let slot = frame.function.slots
            frame.function.slots += 1
            slots[variable] = (frame.function, slot)
            switch load {
            case .parameter: break
            case .unset: slotStarts.append(SlotStart(slot: slot, source: .nothing))
            case .context: slotStarts.append(SlotStart(slot: slot, source: .global, index: globalPlace(name)))
            case .copy(let outer):
                if inputs.contains(outer) {
                    slotStarts.append(SlotStart(slot: slot, source: .global, index: globalPlace(name)))
                } else if let (function, from) = slots[outer] {
                    let hops = Int32(frame.function.depth - function.depth)
                    slotStarts.append(SlotStart(slot: slot, source: .copy, hops: hops, index: from))
                }
            }
        }
        return (Int32(start), Int32(slotStarts.count - start))
    }

    /// The slot of the frame's own variable `name`, after `enter`.
    func ownSlot(_ name: String, _ frame: Frame) -> Int32 {
        slots[Variable(frame: frame.scope.frame, name: name)]?.slot ?? -1
    }

    /// A node that reads the variable `name`.
    func read(_ name: String, _ frame: Frame, _ line: Int) -> Int32 {
        guard let variable = frame.scope.find(name), !inputs.contains(variable),
            let (function, slot) = slots[variable]
        else { return emit(.global, line, a: globalPlace(name)) }
        let hops = frame.function.depth - function.depth
        return emit(.local, line, sub: UInt8(hops), a: slot, c: self.name(name))
    }

    /// A node that takes values into `target`.
    func target(_ target: Expression, _ frame: Frame) throws(TemplateError) -> Int32 {
        switch target.kind {
        case .tuple(let parts):
            var places: [Int32] = []
            for part in parts { places.append(try self.target(part, frame)) }
            return emit(.targetTuple, target.line, a: place(places), b: Int32(places.count))
        case .namespaceReference(let name, let attribute):
            let namespace = read(name, frame, target.line)
            return emit(.targetNamespace, target.line, a: namespace, b: self.name(attribute))
        case .name(let name): return emit(.targetLocal, target.line, a: ownSlot(name, frame))
        default: throw fail("can't assign to this expression", target.line)
        }
    }

    // MARK: - Blocks

    /// Compiles a run of statements. `ownsFrame`: the variables of `frame` start here.
    func block(_ statements: [Statement], _ frame: Frame, ownsFrame: Bool) throws(TemplateError) -> Int32 {
        let start = ownsFrame ? enter(frame) : (0, 0)
        return try block(statements, frame, slots: start)
    }

    /// Compiles a run of statements whose frame is entered already.
    func block(
        _ statements: [Statement], _ frame: Frame, slots: (slots: Int32, count: Int32)
    ) throws(TemplateError) -> Int32 {
        level += 1
        defer { level -= 1 }
        note(height: 0, in: frame)
        var places: [Int32] = []
        for statement in statements { places += try self.statement(statement, frame) }
        blocks.append(
            BlockInfo(
                start: place(places), count: Int32(places.count), slots: slots.slots, slotCount: slots.count))
        return Int32(blocks.count - 1)
    }
}
