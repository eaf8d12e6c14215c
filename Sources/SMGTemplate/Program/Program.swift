/// What a node does.
enum Operation: UInt8 {
    // Expressions.
    case constant, local, global
    case attribute, item, itemNamed, slice
    case unary, binary, sum, concat
    case compare, compareChain
    case and, or, not, condition
    case tuple, list, dict
    case call, methodCall, filter, test
    case unknownFilter, unknownTest
    // Targets of assignments.
    case targetLocal, targetTuple, targetNamespace
    // Statements.
    case text, emit, branch, loop
    case set, setBlock, macro, callBlock, filterBlock, with, scope
    case evaluate, leave, next
}

/// One node of a compiled template. What `a`, `b` and `c` mean is the business of the operation: other nodes, constants,
/// slots, or places in the program's tables; -1 for nothing.
struct Node {
    var operation: Operation
    /// The operator, filter, test, method, or frames to go outwards.
    var sub: UInt8 = 0
    var line: Int32
    var a: Int32 = -1
    var b: Int32 = -1
    var c: Int32 = -1
}

/// Values a frame's variables start with.
struct SlotStart {
    /// Where a start value comes from.
    enum Source: UInt8 { case nothing, global, copy }

    var slot: Int32
    var source: Source
    var hops: Int32 = 0
    var index: Int32 = 0
}

/// A run of statements with the variables of its own.
struct BlockInfo {
    /// Places in `operands` of the statements' nodes.
    var start: Int32
    var count: Int32
    /// Places in `slotStarts`.
    var slots: Int32
    var slotCount: Int32
}

/// The arguments of a call. Named ones are pairs of a constant and a node in `operands`.
struct ArgumentsInfo {
    var positional: Int32
    var positionalCount: Int32
    var named: Int32
    var namedCount: Int32
    var rest: Int32
    var namedRest: Int32
}

/// A `for` statement.
struct LoopInfo {
    var target: Int32
    var source: Int32
    var filter: Int32 = -1
    /// The filter's own copy of the target, and its variables.
    var filterTarget: Int32 = -1
    var filterSlots: Int32 = 0
    var filterSlotCount: Int32 = 0
    var body: Int32 = 0
    var otherwise: Int32 = -1
    /// Slot of the variable `loop`; -1 when nobody looks at it.
    var loopSlot: Int32 = -1
    /// Slots of a recursive loop's own frame; -1 for other loops.
    var frameSlots: Int32 = -1
    var height: Int32 = 0
}

/// A macro or the body of a call block.
struct MacroInfo {
    var name: Int32
    /// Places in `parameters`.
    var parameters: Int32 = 0
    var parameterCount: Int32 = 0
    var callerSlot: Int32 = -1
    var namedSlot: Int32 = -1
    var restSlot: Int32 = -1
    var hasExplicitCaller = false
    var body: Int32 = 0
    var frameSlots: Int32 = 0
    var height: Int32 = 0
    /// Where the macro is kept.
    var target: Int32 = -1
}

/// A parameter of a macro.
struct ParameterInfo {
    var name: Int32
    var slot: Int32
    var value: Int32
}

/// A compiled template: plain tables, read only.
///
/// `@unchecked Sendable`: nothing changes after `Compiler` has made it.
final class Program: @unchecked Sendable {
    /// Keeps the constants' bytes.
    let arena: Arena
    let nodes: UnsafeBufferPointer<Node>
    let operands: UnsafeBufferPointer<Int32>
    let constants: UnsafeBufferPointer<Value>
    let blocks: [BlockInfo]
    let slotStarts: UnsafeBufferPointer<SlotStart>
    let arguments: UnsafeBufferPointer<ArgumentsInfo>
    let loops: [LoopInfo]
    let macros: [MacroInfo]
    let parameters: [ParameterInfo]
    /// Constants that name what comes from the input.
    let globals: [Int32]
    /// The outermost block, the slots it needs and its height.
    let root: Int32
    let rootSlots: Int32
    let rootHeight: Int32

    init(_ compiler: Compiler, root: Int32, rootSlots: Int32, rootHeight: Int32) {
        func frozen<T>(_ array: [T]) -> UnsafeBufferPointer<T> {
            let copy = UnsafeMutableBufferPointer<T>.allocate(capacity: array.count)
            _ = copy.initialize(from: array)
            return UnsafeBufferPointer(copy)
        }
        arena = compiler.heap.arena
        nodes = frozen(compiler.nodes)
        operands = frozen(compiler.operands)
        constants = frozen(compiler.constants)
        slotStarts = frozen(compiler.slotStarts)
        arguments = frozen(compiler.arguments)
        blocks = compiler.blocks
        loops = compiler.loops
        macros = compiler.macros
        parameters = compiler.parameters
        globals = compiler.globals
        self.root = root
        self.rootSlots = rootSlots
        self.rootHeight = rootHeight
    }

    deinit {
        nodes.deallocate()
        operands.deallocate()
        constants.deallocate()
        slotStarts.deallocate()
        arguments.deallocate()
    }
}
