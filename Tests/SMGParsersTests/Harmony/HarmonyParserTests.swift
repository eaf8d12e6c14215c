import SMGBase
import SMGJSON
import Testing

@testable import SMGParsers

@Suite struct HarmonyParserTests {
    @Test func parsesAsTheLibraryDoes() throws {
        let count = try HarmonyFixtures.forEach("parse") { number, item in
            let tokens = HarmonyAnswerToken.list(item["tokens"]!.string!)
            let parser = HarmonyParser()
            let events = HarmonyRun.events(tokens, parser: parser)
            let answer = try #require(ParsedAnswer(events), "case \(number)")
            #expect(answer.reasoning == item["reasoning"]!.string, "case \(number)")
            #expect(answer.content == item["content"]!.string, "case \(number)")
            let calls = item["calls"]!.elements.map { call in
                let text = call["arguments"]!.string!
                // Ours writes the object that is meant where the model wrote nothing.
                return [call["name"]!.string!, text.allSatisfy(\.isWhitespace) ? text + "{}" : text]
            }
            #expect(answer.calls.map { [$0.name, $0.arguments] } == calls, "case \(number)")
            #expect(Int64(parser.reasoningTokenCount) == item["reasoning_tokens"]!.int64, "case \(number)")
            #expect(HarmonyRun.events(HarmonyAnswerToken.split(tokens)) == events, "case \(number)")
        }
        #expect(count >= 60)
    }

    private func parse(_ text: String, stops: [String] = []) -> [ParserEvent] {
        let tokens = HarmonyAnswerToken.spelled(text)
        let events = HarmonyRun.events(tokens, stops: stops)
        #expect(HarmonyRun.events(HarmonyAnswerToken.split(tokens), stops: stops) == events)
        return events
    }

    private func call(_ name: String, _ json: String, complete: Bool = true, index: Int = 0) -> [ParserEvent] {
        [
            .toolCall(index: index, id: nil, name: name), .toolArguments(index: index, json: json),
            .toolCallEnd(index: index, complete: complete),
        ]
    }

    @Test func reasoningThenAnswer() {
        #expect(
            parse(
                "<|channel|>analysis<|message|>Think.<|end|><|start|>assistant<|channel|>final<|message|>Yes.<|return|>"
            )
                == [.reasoning("Think."), .content("Yes.")])
    }

    @Test func callsInAnyChannelAndAnyOrderOfTheHeader() {
        let arguments = #"{"city": "Paris"}"#
        for header in [
            "<|channel|>commentary to=functions.w <|constrain|>json",
            " to=functions.w<|channel|>commentary<|constrain|>json",
            "<|channel|>analysis to=functions.w code", " to=functions.w<|channel|>commentary json",
            "assistant to=functions.w<|channel|>final",
        ] {
            #expect(parse("\(header)<|message|>\(arguments)<|call|>") == call("w", arguments), "\(header)")
        }
    }

    @Test func severalCallsAreNumbered() {
        #expect(
            parse(
                "<|channel|>commentary to=functions.a<|message|>{}<|call|><|start|>assistant to=functions.b"
                    + "<|channel|>commentary json<|message|>{\"x\":1}<|call|>")
                == call("a", "{}") + call("b", "{\"x\":1}", index: 1))
    }

    @Test func argumentsThatAreNoObjectAreIncomplete() {
        let header = "<|channel|>commentary to=functions.f<|message|>"
        #expect(parse("\(header){\"a\":") == call("f", "{\"a\":", complete: false))
        #expect(parse("\(header)[1]<|call|>") == call("f", "[1]", complete: false))
        #expect(parse("\(header){} x<|call|>") == call("f", "{} x", complete: false))
        #expect(parse("\(header)print(1)<|call|>") == call("f", "print(1)", complete: false))
        #expect(parse("\(header){\"a\":1}") == call("f", "{\"a\":1}"))
        #expect(parse("\(header)<|call|>") == call("f", "{}"))
        let cut: [ParserEvent] = [
            .toolCall(index: 0, id: nil, name: "f"), .toolCallEnd(index: 0, complete: false),
        ]
        #expect(parse(header) == cut)
        #expect(parse("\(header) ") == [cut[0], .toolArguments(index: 0, json: " "), cut[1]])
    }

    @Test func aCallWithoutANameIsNone() {
        #expect(parse("to=functions.<|message|>{\"a\":1}<|call|>") == [.content("{\"a\":1}")])
        #expect(parse("<|channel|>commentary to=functions.<|message|>{}<|call|>") == [.reasoning("{}")])
    }

    @Test func builtInToolsAndPreamblesAreReasoning() {
        #expect(
            parse(
                "<|channel|>analysis<|message|>A<|end|><|start|>assistant<|channel|>commentary to=browser.search<|message|>"
                    + "q<|call|><|start|>assistant<|channel|>commentary<|message|>Now.<|end|>"
                    + "<|start|>assistant<|channel|>analysis to=python code<|message|>1+1<|call|>")
                == [.reasoning("A\nq\nNow.\n1+1")])
    }

    @Test func unknownChannelsAndNoChannelAreContent() {
        #expect(parse("<|channel|>poetry<|message|>Rose<|end|>") == [.content("Rose")])
        #expect(parse("<|message|>Rose<|end|>") == [.content("Rose")])
    }

    @Test func aMessageOfAnotherRoleIsReasoning() {
        #expect(
            parse("<|channel|>final<|message|>A<|end|><|start|>user<|message|>B<|end|>")
                == [.content("A"), .reasoning("B")])
        #expect(
            parse(
                "<|channel|>final<|message|>A<|end|><|start|>functions.f to=assistant<|channel|>commentary<|message|>B")
                == [.content("A"), .reasoning("B")])
    }

    @Test func malformedAnswersLoseNoText() {
        #expect(parse("Hello there<|return|>") == [.content("Hello there")])
        #expect(parse("Hello there") == [.content("Hello there")])
        #expect(parse("  Hello") == [.content("  Hello")])
        #expect(parse("<|channel|>analysis I think so<|end|>") == [.reasoning("I think so")])
        #expect(parse("<|channel|>commentary to=functions.f {\"a\":1}<|call|>") == call("f", "{\"a\":1}"))
        #expect(parse("<|channel|>final<|message|>A<|channel|>final<|message|>B<|return|>") == [.content("A\nB")])
        #expect(
            parse("<|channel|>final<|message|>A<|start|>assistant<|channel|>analysis<|message|>B") == [
                .content("A"), .reasoning("B"),
            ])
        #expect(parse("<|channel|>final<|message|>A<|return|>tail") == [.content("A\ntail")])
        #expect(
            parse("<|channel|>final<|message|>A<|message|>B<|constrain|>C<|end|>") == [
                .content("A<|message|>B<|constrain|>C")
            ])
        #expect(parse("<|channel|>final stray words here now<|message|>A") == [.content("stray words\nA")])
        #expect(parse("<|start|>nonsense<|end|>") == [.content("nonsense")])
        let long = String(repeating: "word ", count: 400)
        #expect(parse(long) == [.content(long)])
        #expect(parse("<|channel|>analysis \(long)") == [.reasoning(long)])
    }

    @Test func textBehindAHeaderWithoutItsEndIsRead() {
        let arguments = #"{"a": 1}"#
        for header in [
            "<|channel|>commentary to=functions.f <|constrain|>json", "<|channel|>commentary to=functions.f",
            "to=functions.f",
            " to=functions.f<|channel|>commentary", "<|channel|>poetry to=functions.f",
            "<|channel|>commentary to=functions.f <|constrain|>",
        ] {
            #expect(parse("\(header)\(arguments)<|call|>") == call("f", arguments), "\(header)")
            #expect(parse("\(header)\(arguments)") == call("f", arguments), "\(header)")
        }
        #expect(parse("<|channel|>final{\"a\":1}<|return|>") == [.content("{\"a\":1}")])
        #expect(parse("<|channel|>analysis{x<|end|>") == [.reasoning("{x")])
        #expect(parse("<|channel|>{x<|end|>") == [.content("{x")])
        #expect(parse("<|channel|>{x") == [.content("{x")])
        #expect(parse("Set {x}<|end|>") == [.content("Set {x}")])
    }

    @Test func whitespaceBetweenMessagesIsLayout() {
        let next = "<|start|>assistant<|channel|>final<|message|>Hi"
        #expect(parse("<|channel|>analysis<|message|>t<|end|>\n\(next)") == [.reasoning("t"), .content("Hi")])
        #expect(parse("<|channel|>final<|message|>a<|end|> \n\n\(next)") == [.content("a\nHi")])
        #expect(parse(" \(next)") == [.content("Hi")])
        #expect(parse("<|channel|>final<|message|>a<|end|>\nb\(next)") == [.content("a\n\nb\nHi")])
        #expect(parse("<|channel|>final<|message|>a\n\(next)") == [.content("a\n\nHi")])
    }

    @Test func aWordThatIsNoChannelIsText() {
        #expect(parse("<|channel|>Hello<|end|>") == [.content("Hello")])
        #expect(parse("<|channel|>Hello <|start|>assistant<|channel|>final<|message|>x") == [.content("Hello \nx")])
        #expect(parse("<|channel|>Hello there<|end|>") == [.content("Hello there")])
        #expect(parse("<|channel|>Hello there") == [.content("Hello there")])
        #expect(parse("<|channel|>Hello") == [])
    }

    @Test func headersWithoutTextGiveNothing() {
        for text in [
            "", "<|channel|>", "<|channel|>analysis", "<|channel|>commentary to=functions.f", "<|start|>assistant",
            "<|channel|>final<|message|>", "<|end|><|end|>", "<|channel|>commentary to=functions.f <|constrain|>json",
        ] {
            #expect(parse(text).isEmpty, "\(text)")
        }
    }

    @Test func charactersAreNeverCut() {
        let tokens = HarmonyAnswerToken.split(HarmonyAnswerToken.spelled("<|channel|>final<|message|>aé漢🙂"))
        let parser = HarmonyParser()
        let output = ParserOutput()
        for token in tokens {
            token.bytes.withUnsafeBytes { parser.process(token.id, $0, into: output) }
            for case .content(let piece) in output.events { #expect(!piece.contains("\u{fffd}")) }
        }
        parser.finish(into: output)
        #expect(SplitCheck.merged(output.events) == [.content("aé漢🙂")])
    }

    @Test func anUnfinishedCharacterEndsWithItsMessage() {
        let tokens =
            HarmonyAnswerToken.spelled("<|channel|>final<|message|>") + [.init(id: 1, bytes: [0xe6, 0xbc])]
            + HarmonyAnswerToken.spelled("<|end|><|start|>assistant<|channel|>final<|message|>b")
        #expect(HarmonyRun.events(tokens) == [.content("\u{fffd}\nb")])
    }

    @Test func stopStringsEndTheAnswer() {
        let answer =
            "<|channel|>analysis<|message|>one two<|end|><|start|>assistant<|channel|>final<|message|>one two three"
        #expect(parse(answer, stops: ["three"]) == [.reasoning("one two"), .content("one two three")])
        #expect(parse(answer, stops: ["tw"]) == [.reasoning("one tw")])
        #expect(parse(answer, stops: ["wo t"]) == [.reasoning("one two"), .content("one two t")])
        let parser = HarmonyParser(stops: ["wo t"])
        _ = HarmonyRun.events(HarmonyAnswerToken.spelled(answer), parser: parser)
        #expect(parser.isStopped)
    }

    @Test func aStopStringThatMightHaveBeenLongerEndsTheAnswerWithItsMessage() {
        for next in ["<|start|>assistant<|channel|>final<|message|>hello", "<|channel|>final<|message|>hello", "hello"]
        {
            let answer = "<|channel|>analysis<|message|>xab<|end|>\(next)"
            #expect(parse(answer, stops: ["ab", "abc"]) == [.reasoning("xab")])
            let open = "<|channel|>analysis<|message|>xab\(next)"
            if next != "hello" { #expect(parse(open, stops: ["ab", "abc"]) == [.reasoning("xab")]) }
        }
        #expect(parse("xab<|end|><|start|>assistant<|message|>c", stops: ["ab", "abc"]) == [.content("xab")])
    }

    @Test func hostileHeadersStayBounded() {
        var tokens = Array(repeating: HarmonyAnswerToken.special("channel")!, count: 10_000)
        tokens += HarmonyAnswerToken.spelled("final<|message|>x")
        #expect(HarmonyRun.events(tokens) == [.content("x")])
    }

    @Test func aMegabyteOfArgumentsPasses() {
        let json =
            "{\"list\":[\(String(repeating: "{\"city\":\"Paris 世\",\"n\":[1,2.5e3,true]},", count: 30_000))null]}"
        let head = HarmonyAnswerToken.spelled("<|channel|>commentary to=functions.f json<|message|>")
        let bytes = Array(json.utf8)
        let pieces = stride(from: 0, to: bytes.count, by: 5).map {
            HarmonyAnswerToken(id: 1, bytes: Array(bytes[$0..<min($0 + 5, bytes.count)]))
        }
        func events(_ tokens: [HarmonyAnswerToken]) -> [ParserEvent] {
            let parser = HarmonyParser()
            let output = ParserOutput()
            for token in tokens { token.bytes.withUnsafeBytes { parser.process(token.id, $0, into: output) } }
            parser.finish(into: output)
            return output.events
        }
        #expect(events(head + pieces + HarmonyAnswerToken.spelled("<|call|>")) == call("f", json))
        #expect(events(head + pieces.dropLast()).last == .toolCallEnd(index: 0, complete: false))
    }

    @Test func tellsWhatIsBeingRead() {
        let parser = HarmonyParser()
        let output = ParserOutput()
        func read(_ text: String) {
            for token in HarmonyAnswerToken.spelled(text) {
                token.bytes.withUnsafeBytes { parser.process(token.id, $0, into: output) }
            }
        }
        read("<|channel|>commentary to=functions.f <|constrain|>json")
        #expect(parser.currentChannel == nil)
        read("<|message|>{")
        #expect(parser.currentChannel == "commentary")
        #expect(parser.currentRecipient == "functions.f")
        #expect(parser.currentContentType == "<|constrain|>json")
        read("}<|call|>")
        #expect(parser.currentChannel == nil)
        #expect(parser.callCount == 1)
        #expect(parser.reasoningTokenCount == 3)
    }
}
