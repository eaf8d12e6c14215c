public import CSMG
internal import SMGBase
internal import SMGJSON
internal import SMGParsers
internal import Synchronization

// Tool calls and reasoning in a model's answer: convert, call, convert.

/// One answer being taken apart.
final class ParserHandle: @unchecked Sendable {
    // SAFETY (@unchecked Sendable): everything is used with `lock` held.
    private let lock = Mutex(())
    private let parser: StreamParser
    private let output = ParserOutput()
    private var isFinished = false

    init(_ parser: StreamParser) { self.parser = parser }

    /// The events of the next piece, or with nil of the end.
    func take(_ text: UnsafeRawBufferPointer?) throws(Failure) -> ByteBuffer {
        let events: ByteBuffer? = lock.withLock { _ in
            guard !isFinished else { return nil }
            if let text { parser.feed(text, into: output) } else { parser.finish(into: output) }
            isFinished = text == nil
            let events = ByteBuffer(capacity: 256)
            var writer = JSONWriter(events)
            output.write(to: &writer)
            output.clear()
            return events
        }
        guard let events else { throw Failure(SMG_E_STATE, "the answer has been ended", name: "finished") }
        return events
    }
}

extension ParserHandle {
    /// The parser that `options` asks for.
    static func parser(_ bytes: smg_bytes) throws(Failure) -> StreamParser {
        let options = try CallOptions(
            bytes, "options_json", known: ["tool_call_parser", "reasoning_parser", "model", "tools"])
        let model = try options.text("model")
        var tools = ToolParserOptions()
        if let list = options["tools"] { tools.tools = ToolSet(json: list) }
        var calls: StreamParser?
        if let name = try options.text("tool_call_parser") {
            guard let entry = ToolParserRegistry.entry(named: name) else { throw unknown("tool-call", name) }
            calls = entry.make(tools)
        } else if let model {
            calls = ToolParserRegistry.entry(forModel: model)?.make(tools)
        }
        var reasoning: StreamParser?
        if let name = try options.text("reasoning_parser") {
            guard let entry = ReasoningRegistry.entry(named: name) else { throw unknown("reasoning", name) }
            reasoning = entry.make()
        } else if let model {
            reasoning = ReasoningRegistry.entry(forModel: model)?.make()
        }
        return AnswerParser.make(reasoning: reasoning, tools: calls)
    }

    private static func unknown(_ kind: String, _ name: String) -> Failure {
        Failure(SMG_E_PARSER_UNKNOWN, "there is no \(kind) parser '\(name)'; see smg_parser_names")
    }
}

/// The names as a C string that lives as long as the process.
private enum ParserNames {
    nonisolated(unsafe) static let text: UnsafePointer<CChar> = {
        let buffer = ByteBuffer(capacity: 1024)
        var writer = JSONWriter(buffer)
        writer.beginObject()
        writer.key("tool_call_parsers")
        writer.beginArray()
        for entry in ToolParserRegistry.entries { writer.string(entry.name) }
        writer.endArray()
        writer.key("reasoning_parsers")
        writer.beginArray()
        for entry in ReasoningRegistry.entries { writer.string(entry.name) }
        writer.endArray()
        writer.endObject()
        buffer.append(0)
        let copy = UnsafeMutableRawPointer.allocate(byteCount: buffer.readableCount, alignment: 1)
        copy.copyMemory(from: buffer.readable.baseAddress!, byteCount: buffer.readableCount)
        return UnsafePointer(copy.assumingMemoryBound(to: CChar.self))
    }()
}

@c @implementation
public func smg_parser_names() -> UnsafePointer<CChar>! { ParserNames.text }

@c @implementation
public func smg_parser_create(
    _ options_json: smg_bytes, _ parser: UnsafeMutablePointer<OpaquePointer?>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> smg_status {
    parser?.pointee = nil
    return Call.runAnywhere(error) { () throws(Failure) in
        guard let parser else { throw .argument("parser is NULL") }
        let made = ParserHandle(try ParserHandle.parser(options_json))
        parser.pointee = try Handles.handle(for: made, in: Handles.parsers, "parsers", limit: SMG_MAX_STREAMS)
    }
}

@c @implementation
public func smg_parser_feed(
    _ parser: OpaquePointer!, _ text: smg_bytes, _ events: UnsafeMutablePointer<smg_buffer>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> smg_status {
    events?.pointee = smg_buffer()
    return Call.runAnywhere(error) { () throws(Failure) in
        guard let events else { throw .argument("events is NULL") }
        let parser = try Handles.object(parser, in: Handles.parsers, "parser")
        try Call.give(try parser.take(try Call.bytes(text, "text")), to: events)
    }
}

@c @implementation
public func smg_parser_finish(
    _ parser: OpaquePointer!, _ events: UnsafeMutablePointer<smg_buffer>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> smg_status {
    events?.pointee = smg_buffer()
    return Call.runAnywhere(error) { () throws(Failure) in
        guard let events else { throw .argument("events is NULL") }
        let parser = try Handles.object(parser, in: Handles.parsers, "parser")
        try Call.give(try parser.take(nil), to: events)
    }
}

@c @implementation
public func smg_parser_destroy(_ parser: OpaquePointer!) {
    if let parser { Handles.parsers.remove(parser) }
}

@c @implementation
public func smg_parser_parse(
    _ options_json: smg_bytes, _ text: smg_bytes, _ parsed: UnsafeMutablePointer<smg_buffer>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> smg_status {
    parsed?.pointee = smg_buffer()
    return Call.runAnywhere(error) { () throws(Failure) in
        guard let parsed else { throw .argument("parsed is NULL") }
        let parser = try ParserHandle.parser(options_json)
        let answer = ParsedAnswer(try Call.bytes(text, "text"), with: parser)
        let document = ByteBuffer(capacity: 1024)
        var writer = JSONWriter(document)
        writer.beginObject()
        writer.key("content")
        writer.string(answer.content)
        writer.key("reasoning")
        writer.string(answer.reasoning)
        writer.key("tool_calls")
        var random = FastRandom()
        answer.writeCalls(to: &writer) { _, _ in ToolCallID.random(using: &random) }
        writer.endObject()
        try Call.give(document, to: parsed)
    }
}
