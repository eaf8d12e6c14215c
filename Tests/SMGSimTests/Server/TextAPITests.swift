import SMGBase
import Testing

@testable import SMGSim

@Suite struct TextAPITests {
    @Test func chatAnswersInOneObject() async throws {
        try await withEngine { engine async throws in
            let answer = try await engine.ask(
                "POST", "/v1/chat/completions", Ask.chat(), headers: "x-request-id: r-1\r\n")
            #expect(answer.status == 200 && answer.end == .whole)
            #expect(answer.headers["content-type"] == "application/json")
            #expect(answer.headers["x-sim-worker"] == "sim" && answer.headers["x-request-id"] == "r-1")
            #expect(answer["object"] == "chat.completion" && answer["model"] == "m")
            #expect(answer["choices.0.message.role"] == "assistant" && answer["choices.0.finish_reason"] == "length")
            #expect(answer["choices.0.message.content"]?.split(separator: " ").count == 4)
            #expect(answer["usage.prompt_tokens"] == "3" && answer["usage.completion_tokens"] == "4")
            #expect(answer["usage.total_tokens"] == "7" && answer["usage.prompt_tokens_details.cached_tokens"] == "0")
            let again = try await engine.post("/v1/chat/completions", Ask.chat())
            #expect(again["choices.0.message.content"] == answer["choices.0.message.content"])
            #expect(again["id"] != answer["id"])
        }
    }

    @Test func withoutALimitTheModelStopsByItself() async throws {
        try await withEngine { engine async throws in
            let body = #"{"messages":[{"role":"user","content":"hi"}]}"#
            let answer = try await engine.post("/v1/chat/completions", body)
            #expect(answer["choices.0.finish_reason"] == "stop" && answer["usage.completion_tokens"] == "16")
            #expect(answer["model"] == "sim-model")
            let newer = #"{"messages":[{"role":"user","content":"hi"}],"max_completion_tokens":2,"max_tokens":9}"#
            #expect(try await engine.post("/v1/chat/completions", newer)["usage.completion_tokens"] == "2")
        }
    }

    @Test func chatStreamsTheSameWords() async throws {
        try await withEngine { engine async throws in
            let whole = try await engine.post("/v1/chat/completions", Ask.chat(tokens: 100))
            let more = #","stream_options":{"include_usage":true}"#
            let stream = try await engine.post("/v1/chat/completions", Ask.chat(tokens: 100, stream: true, more: more))
            #expect(stream.end == .whole && stream.headers["content-type"] == "text/event-stream")
            let events = stream.events
            #expect(events.count == 104 && events.last == "[DONE]")
            #expect(json(events[0], "choices.0.delta.role") == "assistant")
            #expect(events.dropLast().allSatisfy { json($0, "object") == "chat.completion.chunk" })
            let text = events.dropLast().compactMap { json($0, "choices.0.delta.content") }.joined()
            #expect(text == whole["choices.0.message.content"])
            #expect(json(events[50], "choices.0.finish_reason") == "null")
            #expect(json(events[101], "choices.0.finish_reason") == "length")
            #expect(json(events[102], "usage.completion_tokens") == "100" && json(events[102], "choices") == "[]")
        }
    }

    @Test func completionsStreamTheSameWords() async throws {
        try await withEngine { engine async throws in
            let whole = try await engine.post("/v1/completions", Ask.completion(tokens: 5))
            #expect(whole["object"] == "text_completion" && whole["choices.0.text"]?.hasPrefix(" ") == true)
            let stream = try await engine.post("/v1/completions", Ask.completion(tokens: 5, stream: true))
            #expect(stream.events.count == 7)
            let text = stream.events.dropLast().compactMap { json($0, "choices.0.text") }.joined()
            #expect(text == whole["choices.0.text"])
            let ids = try await engine.post("/v1/completions", #"{"prompt":[1,2,3,4,5],"max_tokens":0}"#)
            #expect(ids["usage.prompt_tokens"] == "5" && ids["choices.0.text"] == "")
        }
    }

    @Test func generateStreamsTheTextSoFar() async throws {
        try await withEngine { engine async throws in
            let limits = #""sampling_params":{"max_new_tokens":3}"#
            let whole = try await engine.post("/generate", #"{"text":"hello","rid":"mine",\#(limits)}"#)
            #expect(whole["meta_info.id"] == "mine" && whole["meta_info.finish_reason.type"] == "length")
            #expect(whole["meta_info.prompt_tokens"] == "2" && whole["meta_info.completion_tokens"] == "3")
            #expect(whole["meta_info.cached_tokens"] == "0")
            let stream = try await engine.post("/generate", #"{"text":"hello","stream":true,\#(limits)}"#)
            #expect(stream.events.count == 4 && stream.events.last == "[DONE]")
            let texts = stream.events.dropLast().compactMap { json($0, "text") }
            #expect(texts.map(\.utf8.count) == [4, 8, 12] && texts.last == whole["text"])
            #expect(json(stream.events[1], "meta_info.finish_reason") == "null")
            let ids = try await engine.post("/generate", #"{"input_ids":[7,8,9],\#(limits)}"#)
            #expect(ids["meta_info.prompt_tokens"] == "3" && ids["output_ids.2"] != nil)
        }
    }

    @Test func responsesStreamTypedEvents() async throws {
        try await withEngine { engine async throws in
            let whole = try await engine.post("/v1/responses", #"{"input":"hi","max_output_tokens":2}"#)
            #expect(whole["object"] == "response" && whole["status"] == "completed")
            #expect(whole["usage.output_tokens"] == "2")
            let stream = try await engine.post("/v1/responses", #"{"input":"hi","max_output_tokens":2,"stream":true}"#)
            #expect(
                stream.eventTypes == [
                    "response.created", "response.in_progress", "response.output_item.added",
                    "response.content_part.added", "response.output_text.delta", "response.output_text.delta",
                    "response.output_text.done", "response.content_part.done", "response.output_item.done",
                    "response.completed",
                ])
            for (number, event) in stream.events.enumerated() {
                #expect(json(event, "sequence_number") == "\(number)")
                #expect(json(event, "type") == stream.eventTypes[number])
            }
            let text = stream.events.compactMap { json($0, "delta") }.joined()
            #expect(text == whole["output.0.content.0.text"])
            #expect(json(stream.events[9], "response.output.0.content.0.text") == text)
        }
    }

    @Test func messagesStreamTypedEvents() async throws {
        try await withEngine { engine async throws in
            let whole = try await engine.post("/v1/messages", Ask.chat(tokens: 2))
            #expect(whole["type"] == "message" && whole["stop_reason"] == "max_tokens")
            let stream = try await engine.post("/v1/messages", Ask.chat(tokens: 2, stream: true))
            #expect(
                stream.eventTypes == [
                    "message_start", "content_block_start", "content_block_delta", "content_block_delta",
                    "content_block_stop", "message_delta", "message_stop",
                ])
            #expect(stream.events.compactMap { json($0, "delta.text") }.joined() == whole["content.0.text"])
        }
    }

    @Test func aPrefixIsCachedUntilTheFlush() async throws {
        try await withEngine { engine async throws in
            let text = String(repeating: "all work and no play ", count: 20)
            let path = "/v1/chat/completions"
            let first = try await engine.post(path, Ask.chat(text))
            #expect(first["usage.prompt_tokens"] == "105")
            #expect(first["usage.prompt_tokens_details.cached_tokens"] == "0")
            let second = try await engine.post(path, Ask.chat(text + "more"))
            #expect(second["usage.prompt_tokens_details.cached_tokens"] == "96")
            #expect(try await engine.ask("POST", "/flush_cache").status == 200)
            let third = try await engine.post(path, Ask.chat(text))
            #expect(third["usage.prompt_tokens_details.cached_tokens"] == "0")
            let stats = await engine.engine.stats()
            #expect(stats.cachedTokens == 96 && stats.completed == 3 && stats.received == 3)
        }
    }

    @Test func theNextTurnFindsTheAnswerInTheCache() async throws {
        try await withEngine { engine async throws in
            let path = "/v1/chat/completions"
            let first = try await engine.post(path, Ask.chat("tell me a long story", tokens: 60))
            let said = try #require(first["choices.0.message.content"])
            let next =
                #"{"messages":[{"role":"user","content":"tell me a long story"},"#
                + #"{"role":"assistant","content":"\#(said)"},{"role":"user","content":"go on"}]}"#
            let second = try await engine.post(path, next)
            #expect(second["usage.prompt_tokens_details.cached_tokens"] == "64")
        }
    }
}
