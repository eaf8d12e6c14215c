internal import SMGBase
internal import SMGConfig
internal import SMGHTTP
internal import SMGJSON
internal import SMGParsers

/// `/parse/function_call` and `/parse/reasoning`: a model's answer, taken apart.
final class ParseAPI {
    private let context: LoopContext
    private let reply: Reply

    init(context: LoopContext, reply: Reply) {
        self.context = context
        self.reply = reply
    }

    func handle(_ route: Route, _ exchange: ServerExchange) async {
        do throws(GatewayError) {
            let root = try await Reply.object(
                of: exchange, limit: context.shared.configuration.server.maximumBodyBytes)
            guard let text = root["text"]?.text else {
                throw GatewayError(.missingParameter, "'text' is needed: the model's answer.", param: "text")
            }
            let answer = ByteBuffer(capacity: text.raw.count)
            text.append(to: answer)
            if route == .parseFunctionCall {
                try await functionCalls(root, answer, exchange)
            } else {
                try await reasoning(root, answer, exchange)
            }
        } catch { reply.error(exchange, error) }
    }

    private func functionCalls(
        _ root: JSONSlice, _ answer: ByteBuffer, _ exchange: ServerExchange
    ) async throws(GatewayError) {
        let name = try parserName(root, "tool_call_parser")
        guard let entry = ToolParserRegistry.entry(named: name) else {
            throw unknown(name, "tool_call_parser", ToolParserRegistry.entries.map(\.name))
        }
        let tools = root["tools"].map { ToolSet(json: $0) } ?? .none
        let parsed = try await parse(answer, with: entry.make(ToolParserOptions(tools: tools)))
        reply.json(exchange) { writer in
            writer.beginObject()
            writer.key("remaining_text")
            writer.string(parsed.content)
            writer.key("tool_calls")
            parsed.writeCalls(to: &writer) { _, _ in ToolCallID.random(using: &context.random) }
            writer.key("success")
            writer.bool(true)
            writer.endObject()
        }
    }

    private func reasoning(
        _ root: JSONSlice, _ answer: ByteBuffer, _ exchange: ServerExchange
    ) async throws(GatewayError) {
        let name = try parserName(root, "reasoning_parser")
        guard let entry = ReasoningRegistry.entry(named: name) else {
            throw unknown(name, "reasoning_parser", ReasoningRegistry.entries.map(\.name))
        }
        let parsed = try await parse(answer, with: AnswerParser.make(reasoning: entry.make(), tools: nil))
        reply.json(exchange) { writer in
            writer.beginObject()
            writer.key("normal_text")
            writer.string(parsed.content)
            writer.key("reasoning_text")
            writer.string(parsed.reasoning)
            writer.key("success")
            writer.bool(true)
            writer.endObject()
        }
    }

    private func parse(_ answer: ByteBuffer, with parser: StreamParser) async throws(GatewayError) -> ParsedAnswer {
        let input = HandedOver((answer, parser))
        return try await context.shared.pool.run(bytes: answer.readableCount) { () throws(GatewayError) in
            let (answer, parser) = input.value
            return ParsedAnswer(answer.readable, with: parser)
        }
    }

    private func parserName(_ root: JSONSlice, _ member: StaticString) throws(GatewayError) -> String {
        if let name = root[member]?.string, !name.isEmpty { return name }
        throw GatewayError(.missingParameter, "'\(member)' is needed: the name of a parser.", param: "\(member)")
    }

    private func unknown(_ name: String, _ member: String, _ names: [String]) -> GatewayError {
        GatewayError(
            .invalidRequest, "There is no parser '\(name)'. There are: \(names.joined(separator: ", ")).",
            param: member)
    }
}
