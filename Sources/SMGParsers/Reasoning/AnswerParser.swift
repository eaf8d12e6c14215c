internal import SMGBase

/// A reasoning parser with a tool-call parser behind it: content that the first finds is fed to the second, reasoning
/// passes by it.
package final class AnswerParser: StreamParser {
    private let reasoning: StreamParser
    private let tools: StreamParser
    /// What the reasoning parser says of one piece.
    private let between = ParserOutput(capacity: 256)
    /// Where the events of the piece being read go.
    private var output: ParserOutput?

    /// The parser of an answer: a chain of both, or the one that is there, or one that takes everything for content.
    package static func make(reasoning: StreamParser?, tools: StreamParser?) -> StreamParser {
        guard let reasoning else { return tools ?? StreamParser() }
        guard let tools else { return reasoning }
        return AnswerParser(reasoning, tools)
    }

    private init(_ reasoning: StreamParser, _ tools: StreamParser) {
        self.reasoning = reasoning
        self.tools = tools
        super.init()
        guard let reasoning = reasoning as? ReasoningParser, !(tools is PassthroughParser) else { return }
        reasoning.standsInCall = { [unowned self] in
            if let output { passOn(output) }
            return tools.isInCall
        }
    }

    override func advance(_ input: UnsafeRawBufferPointer, last: Bool, _ output: ParserOutput) -> Int {
        self.output = output
        reasoning.feed(input, into: between)
        if last { reasoning.finish(into: between) }
        passOn(output)
        self.output = nil
        if last { tools.finish(into: output) }
        return input.count
    }

    private func passOn(_ output: ParserOutput) {
        for record in between.records {
            let text = between.text(record)
            if record.kind == .reasoning { output.reasoning(text) } else { tools.feed(text, into: output) }
        }
        between.clear()
    }
}
