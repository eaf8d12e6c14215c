import SMGBase
import SMGJSON
import Testing

@testable import SMGParsers

@Suite struct ReasoningParserTests {
    @Test(arguments: ReasoningFixture.all) func separatesAndDoesNotDependOnTheSplit(_ fixture: ReasoningFixture) throws
    {
        let events = SplitCheck.events(fixture.input) { fixture.make() }
        let answer = try #require(ParsedAnswer(events))
        #expect(answer.reasoning == fixture.reasoning)
        #expect(answer.content == fixture.content)
        #expect(answer.order == fixture.order)
        #expect(SplitCheck.violation(fixture.input) { fixture.make() } == nil)
    }

    @Test(arguments: ReasoningFixture.all) func heldBackReasoningComesInOnePieceAtItsEnd(_ fixture: ReasoningFixture) {
        let held = SplitCheck.events(fixture.input, cuts: Array(0..<fixture.input.count)) {
            fixture.make(streams: false)
        }
        #expect(held == SplitCheck.events(fixture.input) { fixture.make() })
        let parser = fixture.make(streams: false)
        let output = ParserOutput()
        fixture.input.withUnsafeBytes { bytes in
            for at in 0..<bytes.count {
                parser.feed(bytes.slice(at..<at + 1), into: output)
                for case .reasoning(let piece) in output.events {
                    #expect(piece.utf8.count > 1 || fixture.reasoning.utf8.count < 8)
                }
                output.clear()
            }
        }
    }

    @Test(arguments: ReasoningFixture.all) func truncatedAnywhere(_ fixture: ReasoningFixture) {
        for end in 0..<fixture.input.count {
            let text = Array(fixture.input[..<end])
            let whole = SplitCheck.events(text) { fixture.make() }
            #expect(SplitCheck.events(text, cuts: Array(0..<end)) { fixture.make() } == whole)
            #expect(ParsedAnswer(whole) != nil)
        }
    }

    @Test func everyParserHasFixtures() {
        let covered = Set(ReasoningFixture.all.map(\.parser))
        #expect(covered == Set(ReasoningRegistry.entries.map(\.name)).subtracting(["passthrough"]))
    }

    @Test func onlyWhatMayBecomeAMarkerIsHeld() {
        let parser = ReasoningRegistry.entry(named: "qwen3")!.make()!
        let output = ParserOutput()
        func feed(_ text: String) -> [ParserEvent] {
            output.clear()
            Array(text.utf8).withUnsafeBytes { parser.feed($0, into: output) }
            return output.events
        }
        #expect(feed("foo<thi") == [.content("foo")])
        #expect(feed("s") == [.content("<this")])
        #expect(feed("<think>a</th") == [.reasoning("a")])
        #expect(parser.isInReasoning)
        #expect(feed("ink") == [])
        #expect(feed(">b<think") == [.content("b<think")])
        #expect(!parser.isInReasoning)
    }

    @Test func aMegabyteOfEachPasses() {
        let reasoning = String(repeating: "I think <that> </this is ", count: 40_000)
        let content = String(repeating: "so <be it> ", count: 40_000)
        let text = Array("\(reasoning)</think>\(content)".utf8)
        let make = { ReasoningRegistry.entry(named: "deepseek_r1")!.make()! }
        let cuts = Array(stride(from: 0, to: text.count, by: 4093))
        for streams in [true, false] {
            let make = { ReasoningRegistry.entry(named: "deepseek_r1")!.make(ReasoningOptions(streams: streams))! }
            #expect(SplitCheck.events(text, cuts: cuts, make) == [.reasoning(reasoning), .content(content)])
        }
        #expect(SplitCheck.events(text, make) == [.reasoning(reasoning), .content(content)])
    }

    @Test func heldBackReasoningIsBounded() {
        let parser = ReasoningRegistry.entry(named: "deepseek_r1")!.make(ReasoningOptions(streams: false))!
        let output = ParserOutput()
        let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
        var seen = 0
        for _ in 0..<9 {
            piece.withUnsafeBytes { parser.feed($0, into: output) }
            for record in output.records { seen += output.text(record).count }
            output.clear()
        }
        #expect(seen == 8 << 20)
    }
}

@Suite struct AnswerParserTests {
    /// Takes `<t>` for the beginning of a call to `f` with `{}`.
    private final class OneMarkParser: StreamParser {
        private let marker = MarkerScanner("<t>")
        override func advance(_ input: UnsafeRawBufferPointer, last: Bool, _ output: ParserOutput) -> Int {
            var at = 0
            while true {
                switch marker.first(in: input, from: at, last: last) {
                case .none(let safe):
                    output.content(input.slice(at..<safe))
                    return safe
                case .marker(_, let range):
                    output.content(input.slice(at..<range.lowerBound))
                    let index = Array("f".utf8).withUnsafeBytes { beginCall(output, name: $0) }
                    output.arguments(index, "{}")
                    output.endCall(index, complete: true)
                    at = range.upperBound
                }
            }
        }
    }

    private func make(_ name: String) -> StreamParser {
        AnswerParser.make(reasoning: ReasoningRegistry.entry(named: name)!.make(), tools: OneMarkParser())
    }

    private func call(_ index: Int) -> [ParserEvent] {
        [
            .toolCall(index: index, id: nil, name: "f"), .toolArguments(index: index, json: "{}"),
            .toolCallEnd(index: index, complete: true),
        ]
    }

    @Test func callsInReasoningAreReasoning() {
        let text = Array("<think>a<t>b</think>c<t><t".utf8)
        #expect(
            SplitCheck.events(text) { make("qwen3") }
                == [.reasoning("a<t>b"), .content("c")] + call(0) + [.content("<t")])
        #expect(SplitCheck.violation(text) { make("qwen3") } == nil)
    }

    @Test func callsBetweenBlocksOfReasoning() {
        let text = Array("[THINK]a[/THINK]<t>b<[THINK]c<t>[/THINK]t><t>".utf8)
        #expect(
            SplitCheck.events(text) { make("mistral") }
                == [.reasoning("a")] + call(0) + [.content("b"), .reasoning("c<t>")] + call(1) + call(2))
        #expect(SplitCheck.violation(text) { make("mistral") } == nil)
    }

    @Test func withoutReasoningOrToolsTheOtherWorksAlone() {
        let text = Array("<think>a</think>b<t>".utf8)
        #expect(
            SplitCheck.events(text) { AnswerParser.make(reasoning: nil, tools: OneMarkParser()) }
                == [.content("<think>a</think>b")] + call(0))
        #expect(
            SplitCheck.events(text) { AnswerParser.make(reasoning: nil, tools: nil) }
                == [.content("<think>a</think>b<t>")])
    }
}

@Suite struct ReasoningRegistryTests {
    @Test func modelsFindTheirParser() {
        let cases = [
            ("deepseek-ai/DeepSeek-R1-0528", "deepseek_r1"), ("DeepSeek-V3.1", "deepseek_v31"),
            ("Qwen/Qwen3-Thinking-2507", "qwen3_thinking"), ("Qwen/Qwen3-30B-A3B", "qwen3"), ("qwen2.5", "qwen3"),
            ("GLM45-Air", "glm45"), ("zai/glm-5", "glm45"), ("moonshotai/Kimi-K2-Thinking", "kimi_thinking"),
            ("Kimi-K2.5", "kimi_k25"), ("kimi_k3-base", "kimi_k3"), ("Kimi-K2-Instruct", "kimi"), ("step3-vl", "step3"),
            ("MiniMax-M2", "minimax"), ("CohereForAI/c4ai-command-r", "cohere_cmd"), ("nemotron-nano-9b", "nano_v3"),
            ("zai-org/GLM-4.5-Air", "glm45"), ("GLM-4.6", "glm45"), ("glm-4.7", "glm45"),
            ("stepfun-ai/Step-3", "step3"),
            ("nvidia/Nemotron-3-Nano-30B", "nano_v3"), ("Inkling-Small", "inkling"),
            ("mistralai/Magistral-Small", "mistral"),
        ]
        for (model, name) in cases { #expect(ReasoningRegistry.entry(forModel: model)?.name == name, "\(model)") }
        #expect(ReasoningRegistry.entry(forModel: "llama-3") == nil)
        #expect(ReasoningRegistry.entry(forModel: "") == nil)
        #expect(ReasoningRegistry.entry(configured: nil, model: "llama-3").name == "passthrough")
        #expect(ReasoningRegistry.entry(configured: "nonsense", model: "Qwen3-8B").name == "qwen3")
        #expect(ReasoningRegistry.entry(configured: "kimi", model: "Qwen3-8B").name == "kimi")
    }

    @Test func namesAndAliasesAreUnique() {
        let names = ReasoningRegistry.entries.flatMap { [$0.name] + $0.aliases }
        #expect(Set(names).count == names.count)
        for name in names { #expect(ReasoningRegistry.entry(named: name) != nil) }
        #expect(ReasoningRegistry.entry(named: "deepseek-r1")?.name == "deepseek_r1")
    }

    @Test func specialTokensAreAskedForWhereMarkersAreSome() {
        for entry in ReasoningRegistry.entries {
            #expect(entry.requiresSpecialTokens == ["inkling", "kimi_k3", "mistral"].contains(entry.name))
        }
        #expect(ReasoningRegistry.passthrough.make() == nil)
    }

    @Test func templatesOpenTheReasoning() throws {
        #expect(!ReasoningToggle.none.opensReasoning(wanted: true))
        #expect(ReasoningToggle.defaultOn.opensReasoning(wanted: nil))
        #expect(!ReasoningToggle.defaultOn.opensReasoning(wanted: false))
        #expect(!ReasoningToggle.defaultOff.opensReasoning(wanted: nil))
        #expect(ReasoningToggle.defaultOff.opensReasoning(wanted: true))
        func wanted(_ body: String) throws -> Bool? {
            try Array(body.utf8).withUnsafeBytes { bytes in
                let body = try JSONSlice(parsing: bytes)
                return ReasoningToggle.wanted(
                    kwargs: body["chat_template_kwargs"], key: "enable_thinking", effort: body["reasoning_effort"])
            }
        }
        #expect(try wanted("{}") == nil)
        #expect(try wanted(#"{"reasoning_effort":"high"}"#) == nil)
        #expect(try wanted(#"{"reasoning_effort":"none"}"#) == false)
        #expect(try wanted(#"{"reasoning_effort":"minimal"}"#) == false)
        #expect(try wanted(#"{"chat_template_kwargs":{"enable_thinking":true},"reasoning_effort":"none"}"#) == true)
        #expect(try wanted(#"{"chat_template_kwargs":{"thinking":true}}"#) == nil)
    }
}
