internal import CLinux
internal import SMGBase
internal import SMGJSON
internal import SMGParsers

/// `smg parse`: takes a model's answer apart and prints what is in it.
enum ParseCommand {
    /// Bytes of an answer whose parts are collected; a stream has no such bound.
    private static let maximumAnswerBytes = 1 << 30
    private static let pieceBytes = 64 << 10

    static func run(_ arguments: [String]) {
        do throws(ConfigurationError) {
            switch try ParseCommandLine.read(arguments) {
            case .help: print(ParseCommandLine.help(width: Console.width), terminator: "")
            case .list: list()
            case .parse(let options): parse(options)
            }
        } catch {
            fail("\(error)")
        }
    }

    private static func fail(_ message: String) -> Never {
        Console.error("smg parse: \(message)")
        Console.exit(2)
    }

    private static func list() {
        func line(_ name: String, _ aliases: [String]) -> String {
            "  " + ([name] + aliases).joined(separator: ", ")
        }
        print("tool-call parsers:")
        for entry in ToolParserRegistry.entries { print(line(entry.name, entry.aliases)) }
        print("\nreasoning parsers:")
        for entry in ReasoningRegistry.entries { print(line(entry.name, entry.aliases)) }
    }

    /// Feeds the answer in the pieces it comes in.
    private static func parse(_ options: ParseOptions) {
        let parser = AnswerParser.make(
            reasoning: options.reasoning.make(options.reasoningOptions), tools: options.tools.make(options.toolOptions))
        let output = ParserOutput()
        var answer = ParsedAnswer()
        func pass() {
            if options.streams { write(output) } else { answer.add(output) }
            output.clear()
        }
        let file = open(options.input)
        var piece = [UInt8](repeating: 0, count: pieceBytes)
        var total = 0
        while true {
            let count = read(file, &piece, piece.count)
            if count == 0 { break }
            guard count > 0 else {
                if clinux_errno() == EINTR { continue }
                fail("\(options.input ?? "standard input") cannot be read (errno \(clinux_errno()))")
            }
            total += count
            if !options.streams, total > maximumAnswerBytes {
                fail("the answer is larger than \(maximumAnswerBytes) bytes; --stream has no such limit")
            }
            piece.withUnsafeBytes { parser.feed(UnsafeRawBufferPointer(rebasing: $0[0..<count]), into: output) }
            pass()
        }
        parser.finish(into: output)
        pass()
        if !options.streams { write(answer, options) }
    }

    private static func open(_ path: String?) -> CInt {
        guard let path else { return 0 }
        do throws(LocalFiles.Fault) { try LocalFiles.system.check(path) } catch {
            fail("--input: \(path) \(error.explanation)")
        }
        let file = clinux_open_for_reading(path)
        guard file >= 0 else { fail("--input: \(path) cannot be read (errno \(clinux_errno()))") }
        return file
    }

    /// One line for each event.
    private static func write(_ output: ParserOutput) {
        let text = ByteBuffer(capacity: 1024)
        for record in output.records {
            var writer = JSONWriter(text)
            output.write(record, to: &writer)
            text.append(UInt8(ascii: "\n"))
        }
        write(text)
    }

    /// The whole answer as one line.
    private static func write(_ answer: ParsedAnswer, _ options: ParseOptions) {
        let text = ByteBuffer(capacity: 4096)
        var writer = JSONWriter(text)
        var random = FastRandom()
        writer.beginObject()
        writer.key("content")
        writer.string(answer.content)
        writer.key("reasoning_content")
        writer.string(answer.reasoning)
        writer.key("tool_calls")
        answer.writeCalls(to: &writer) { index, call in
            options.tools.name == "kimi_k3"
                ? ToolCallID.kimiK3(name: call.name, index: index) : ToolCallID.random(using: &random)
        }
        writer.key("complete")
        writer.bool(answer.calls.allSatisfy(\.isComplete))
        writer.endObject()
        text.append(UInt8(ascii: "\n"))
        write(text)
    }

    /// Writes all of it at once: a reader at the other end of a pipe waits for it. One that went away ends the process.
    private static func write(_ text: ByteBuffer) {
        while !text.isEmpty {
            let count = CLinux.write(1, text.readable.baseAddress, text.readableCount)
            if count < 0, clinux_errno() == EINTR { continue }
            guard count > 0 else { Console.exit(1) }
            text.consume(count)
        }
    }
}
