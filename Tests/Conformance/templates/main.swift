// Renders chat templates for scripts/conformance-templates and scripts/bench-templates.
//
//   TemplateConformance render
//       reads requests, one JSON object a line: {"template", "messages", "tools"?, "documents"?,
//       "add_generation_prompt", "continue_final_message"?, "kwargs"?, "tokens": {name: text}, "now": seconds};
//       answers each with a line: {"text"} or {"error": code, "message"}
//   TemplateConformance time ROUNDS
//       reads one request and prints the seconds of each of ROUNDS renderings of the compiled template as JSON

internal import CLinux
internal import SMGBase
internal import SMGJSON
internal import SMGTemplate

/// One request; its bytes must live as long as it.
struct Request {
    let source: String
    let input: ChatTemplateInput

    init(_ root: JSONSlice) {
        source = root["template"]?.string ?? ""
        let now = TemplateTime(seconds: root["now"]?.int64 ?? 0, offset: 0)
        var input = ChatTemplateInput(messages: root["messages"] ?? root, now: now)
        input.tools = root["tools"].flatMap { $0.isNull ? nil : $0 }
        input.documents = root["documents"].flatMap { $0.isNull ? nil : $0 }
        input.addGenerationPrompt = root["add_generation_prompt"]?.bool ?? false
        input.continueFinalMessage = root["continue_final_message"]?.bool ?? false
        input.kwargs = root["kwargs"].flatMap { $0.isNull ? nil : $0 }
        if let tokens = root["tokens"] {
            for (name, text) in tokens.members { input.specialTokens.append((name.string, text.string ?? "")) }
        }
        self.input = input
    }
}

/// The answer to one line. Compiled templates are kept: a run asks for the same ones again and again.
func answer(_ line: String, _ templates: inout [String: ChatTemplate]) -> ByteBuffer {
    let out = ByteBuffer(capacity: 1024)
    var writer = JSONWriter(out)
    writer.beginObject()
    Array(line.utf8).withUnsafeBytes { bytes in
        do {
            let request = Request(JSONSlice(validated: bytes))
            let template = try templates[request.source] ?? ChatTemplate(source: request.source)
            templates[request.source] = template
            let text = try template.render(request.input)
            writer.key("text")
            writer.string(utf8: text.readable)
        } catch {
            let error = error as! TemplateError
            writer.key("error")
            writer.string(error.code.rawValue)
            writer.key("message")
            writer.string(error.message)
        }
    }
    writer.endObject()
    return out
}

func time(_ line: String, rounds: Int) throws {
    let bytes = Array(line.utf8)
    var seconds: [Double] = []
    try bytes.withUnsafeBytes { bytes in
        let request = Request(JSONSlice(validated: bytes))
        let template = try ChatTemplate(source: request.source)
        let out = ByteBuffer(capacity: 1 << 16)
        for _ in 0..<rounds {
            out.clear()
            let start = Instant.now()
            try template.render(request.input, into: out)
            seconds.append(Double((Instant.now() - start).nanoseconds) / 1e9)
        }
    }
    print(seconds)
}

let arguments = CommandLine.arguments
if arguments.count == 2, arguments[1] == "render" {
    var templates: [String: ChatTemplate] = [:]
    while let line = readLine() { print(answer(line, &templates).readableString) }
} else if arguments.count == 3, arguments[1] == "time", let rounds = Int(arguments[2]), let line = readLine() {
    do { try time(line, rounds: rounds) } catch {
        print("TemplateConformance: \(error)")
        exit(1)
    }
} else {
    print("usage: TemplateConformance render | time ROUNDS")
    exit(2)
}
