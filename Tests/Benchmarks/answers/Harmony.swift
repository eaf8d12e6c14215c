import SMGBase
import SMGJSON
import SMGParsers

/// One token of an answer.
private typealias Token = (id: UInt32, bytes: [UInt8])

private func special(_ token: HarmonyToken) -> Token {
    (HarmonyTokens.gptOss.id(token), Array(token.spelling.description.utf8))
}

private func text(_ words: String...) -> [Token] { words.map { (1, Array($0.utf8)) } }

/// An answer of about 200,000 tokens.
private func answer() -> [Token] {
    var tokens: [Token] = [special(.channel)] + text("analysis") + [special(.message)]
    for _ in 0..<25_000 { tokens += text("Let", " us", " see", " it") }
    tokens += [special(.end), special(.start)] + text("assistant") + [special(.channel)]
    tokens += text("commentary", " to", "=", "functions", ".f", " ") + [special(.constrain)] + text("json")
    tokens += [special(.message)] + text("{\"", "list", "\":[")
    for _ in 0..<10_000 { tokens += text("12", ",", " \"", "Pa", "ris", "\",") }
    tokens += text("0", "]}") + [special(.call), special(.start)] + text("assistant") + [special(.channel)]
    tokens += text("final") + [special(.message)]
    for _ in 0..<10_000 { tokens += text("It", " is", " 世", "界", ".") }
    return tokens + [special(.return)]
}

/// The cost of a token, alone and with stop strings.
func measureHarmony() {
    print("\nharmony                 ns per token")
    let tokens = answer()
    for (name, stops) in [("no stop strings", []), ("4 stop strings", ["STOP", "\n\nUser:", "###", "</s>"])] {
        let output = ParserOutput()
        let time = fastest {
            let parser = HarmonyParser(stops: stops)
            for token in tokens {
                token.bytes.withUnsafeBytes { parser.process(token.id, $0, into: output) }
                output.clear()
            }
            parser.finish(into: output)
            precondition(parser.callCount == 1 && parser.reasoningTokenCount > 100_000)
        }
        print(name, "       ", padded(time / Double(tokens.count)))
    }
}

/// The cost of rendering a conversation of a megabyte, and of one with ten tools.
func measureRendering() {
    let tool = #"""
        {"type":"function","function":{"name":"tool","description":"Does it.","parameters":{"type":"object","properties":
        {"city":{"type":"string","description":"Where."},"unit":{"type":"string","enum":["C","F"],"default":"C"},
        "days":{"type":"array","items":{"type":"object","properties":{"x":{"type":"integer"}}}}},"required":["city"]}}}
        """#
    let tools = (0..<10).map { tool.replacing("\"tool\"", with: "\"tool\($0)\"") }.joined(separator: ",")
    let message = #"{"role":"user","content":"\#(String(repeating: "Hello there.\\n", count: 80))"}"#
    let long = "{\"messages\":[\(Array(repeating: message, count: 1000).joined(separator: ","))]}"
    let short = "{\"tools\":[\(tools)],\"messages\":[\(message)]}"
    print("\nrendering")
    for (name, body) in [("1 MB of messages", long), ("10 tools, 1 message", short)] {
        let bytes = Array(body.utf8)
        let prompt = HarmonyPrompt()
        let time = fastest {
            bytes.withUnsafeBytes { bytes in
                guard let body = try? JSONSlice(parsing: bytes), let messages = body["messages"],
                    let conversation = try? HarmonyConversation.chat(
                        messages: messages, tools: FunctionTool.list(body["tools"]), effort: nil, date: "2026-11-25")
                else { return }
                prompt.clear()
                HarmonyRenderer.render(conversation, into: prompt)
            }
        }
        precondition(!prompt.segments.isEmpty)
        print(name, padded(time / 1000), "µs,", padded(Double(bytes.count) * 1000 / time), "MB/s")
    }
}
