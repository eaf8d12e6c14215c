internal import SMGBase

/// Thrown where a rendering cannot go on; the renderer's `failure` says why. Free of payload: it passes through every
/// level of the evaluator.
struct Stop: Error {}

/// One rendering: the values, the output and the budget, and everything that works on them.
///
/// Not thread-safe. Lives no longer than one call of `ChatTemplate.render`, or than its program while constants are
/// made.
final class Renderer {
    let arena: Arena
    /// Where everything is printed; macros and blocks that capture cut their part off its end again.
    let out: ByteBuffer
    private(set) var failure: TemplateError?
    /// Steps that are left.
    private(set) var steps = TemplateLimits.maximumSteps
    /// Line of the statement at hand.
    var line: Int32 = 0
    /// Levels and calls the evaluator is in.
    var depth = 0
    var calls = 0
    /// The time `strftime_now` prints.
    var now = TemplateTime(seconds: 0, offset: 0)

    // What is being rendered. Empty while constants are made.
    let nodes: UnsafePointer<Node>
    let operands: UnsafePointer<Int32>
    let constants: UnsafePointer<Value>
    let slotStarts: UnsafePointer<SlotStart>
    let arguments: UnsafePointer<ArgumentsInfo>
    let program: Program?
    /// Values from outside, in the order of `Program.globals`.
    var globals: UnsafeMutablePointer<Value>
    /// The frame of the function at hand.
    var frame: UnsafeMutablePointer<FrameState>
    var locals: UnsafeMutablePointer<Value>

    /// A renderer that makes values for a program still to be compiled.
    init(constantsOf program: Program?) {
        arena = Arena(limit: TemplateLimits.maximumValueBytes)
        out = ByteBuffer(capacity: 256)
        nodes = Renderer.nowhere()
        operands = Renderer.nowhere()
        constants = Renderer.nowhere()
        slotStarts = Renderer.nowhere()
        arguments = Renderer.nowhere()
        self.program = program
        globals = UnsafeMutablePointer(mutating: Renderer.nowhere())
        locals = globals
        frame = UnsafeMutablePointer(mutating: Renderer.nowhere())
    }

    /// A renderer of `program` that appends to `out`.
    init(_ program: Program, out: ByteBuffer) {
        arena = Arena(limit: TemplateLimits.maximumValueBytes)
        self.out = out
        self.program = program
        nodes = program.nodes.baseAddress ?? Renderer.nowhere()
        operands = program.operands.baseAddress ?? Renderer.nowhere()
        constants = program.constants.baseAddress ?? Renderer.nowhere()
        slotStarts = program.slotStarts.baseAddress ?? Renderer.nowhere()
        arguments = program.arguments.baseAddress ?? Renderer.nowhere()
        globals = UnsafeMutablePointer(mutating: Renderer.nowhere())
        locals = globals
        frame = UnsafeMutablePointer(mutating: Renderer.nowhere())
    }

    /// An address for tables without entries, which nobody reads.
    private static func nowhere<T>() -> UnsafePointer<T> {
        UnsafePointer(bitPattern: MemoryLayout<T>.alignment).unsafelyUnwrapped
    }

    // MARK: - Failures and budget

    /// Notes why the rendering ends.
    @inline(never)
    func fail(_ code: TemplateError.Code, _ message: String) -> Stop {
        if failure == nil { failure = TemplateError(code, message, line: Int(line)) }
        return Stop()
    }

    @inline(never)
    func outOfMemory() -> Stop { fail(.limit, "the template makes too large values") }

    @inline(never)
    func tooDeep() -> Stop { fail(.limit, "values or calls are nested too deeply") }

    /// Pays for `count` steps.
    @inline(__always)
    func charge(_ count: Int = 1) throws(Stop) {
        steps &-= count
        if steps < 0 { throw fail(.limit, "the template takes too many steps") }
    }

    /// Pays for looking at `count` bytes of text.
    @inline(__always)
    func chargeText(_ count: Int) throws(Stop) {
        try charge(count / TemplateLimits.bytesPerStep &+ 1)
    }

    /// Cuts what was printed since `mark` off the output for good. It is paid for: neither the bound of the output nor
    /// that of the values counts it.
    func discard(from mark: Int) throws(Stop) {
        try chargeText(out.writerIndex - mark)
        out.writerIndex = mark
    }

    /// Pays for looking up every character of `count` bytes of text.
    func chargeCharacters(_ count: Int) throws(Stop) { try charge(count / TemplateLimits.characterBytesPerStep &+ 1) }

    /// Ends the rendering when the output is too large.
    @inline(__always)
    func checkOutput() throws(Stop) {
        if out.writerIndex > TemplateLimits.maximumOutputBytes {
            throw fail(.limit, "the template's output is larger than \(TemplateLimits.maximumOutputBytes) bytes")
        }
    }

    // MARK: - Making values

    /// A `T` in the arena.
    @inline(__always)
    func make<T: BitwiseCopyable>(_ value: T) throws(Stop) -> UnsafeMutablePointer<T> {
        guard let pointer = arena.make(value) else { throw outOfMemory() }
        return pointer
    }

    /// A string with a copy of `text`.
    func string(_ text: String) throws(Stop) -> Value {
        guard let copy = arena.copy(text) else { throw outOfMemory() }
        return .string(copy)
    }

    /// What was printed since `mark`, cut off the output, as a string.
    func taken(from mark: Int, safe: Bool = false) throws(Stop) -> Value {
        try checkOutput()
        guard let copy = arena.copy(out.slice(mark..<out.writerIndex)) else { throw outOfMemory() }
        out.writerIndex = mark
        return .string(copy, safe: safe)
    }

    /// What `body` prints, as a string.
    @inline(__always)
    func capture(safe: Bool = false, _ body: () throws(Stop) -> Void) throws(Stop) -> Value {
        let mark = out.writerIndex
        try body()
        return try taken(from: mark, safe: safe)
    }

    /// Room for `count` more bytes of text that is about to be made, before it is.
    func reserve(_ count: Int) throws(Stop) {
        guard count >= 0, count <= TemplateLimits.maximumOutputBytes else { throw outOfMemory() }
        try chargeText(count)
        out.reserve(count)
    }
}

/// The variables of a macro, recursive loop or template while it runs, and after that for what was defined in it.
struct FrameState {
    var locals: UnsafeMutablePointer<Value>
    /// The frame around, which macros look into.
    var outer: UnsafeMutablePointer<FrameState>?
}
