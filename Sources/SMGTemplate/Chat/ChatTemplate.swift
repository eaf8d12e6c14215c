package import SMGBase
internal import SMGJSON

/// A compiled chat template in the Jinja language, as models bring it with them.
///
/// Immutable: any number of threads may render with it at a time.
package final class ChatTemplate: Sendable {
    /// Whether message content goes in as strings or as parts.
    package let contentFormat: ContentFormat
    /// Whether and how the template lets callers switch thinking on and off.
    package let thinking: ThinkingToggle
    /// Bytes of the source, for statistics.
    package let sourceBytes: Int
    private let program: Program
    /// Whether the template mentions message content at all.
    private let mentionsContent: Bool

    /// Compiles `source`. Throws errors of the codes syntax, unknownName, value and limit.
    package init(source: String) throws(TemplateError) {
        let bytes = Array(source.utf8)
        let statements = try Parser.parse(bytes)
        program = try Compiler.compile(statements)
        contentFormat = ContentFormat(of: statements)
        thinking = ThinkingToggle(source: source, statements: statements)
        sourceBytes = bytes.count
        mentionsContent = bytes.withUnsafeBytes { $0.firstIndex(of: "content" as StaticString) != nil }
    }

    /// Compiles `source`, which is UTF-8; what is ill-formed is repaired.
    package convenience init(source: UnsafeRawBufferPointer) throws(TemplateError) {
        try self.init(source: source.string)
    }

    /// Renders `input` into a new buffer.
    package func render(_ input: ChatTemplateInput) throws(TemplateError) -> ByteBuffer {
        let out = ByteBuffer(capacity: 4096)
        try render(input, into: out)
        return out
    }

    /// Renders `input` behind what `out` holds, which must be less than `TemplateLimits.maximumOutputBytes`. After an
    /// error, `out` is as it was.
    package func render(_ input: ChatTemplateInput, into out: ByteBuffer) throws(TemplateError) {
        let start = out.writerIndex
        let renderer = Renderer(program, out: out)
        do throws(Stop) {
            let continuation = try renderer.bind(input, program, mentionsContent: mentionsContent)
            try renderer.run(program)
            if let continuation { try renderer.cut(from: start, behind: continuation) }
        } catch {
            out.writerIndex = start
            throw renderer.failure ?? TemplateError(.limit, "the rendering was stopped", line: 0)
        }
    }
}
