internal import SMGBase
internal import SMGJSON
internal import SMGNet
internal import SMGProtocols

/// One inference request, from its admission by the engine to the end of its answer.
struct Inference {
    /// Tokens written between two looks at the connection, when many are due at once.
    private static let tokensPerWrite = 64

    let host: EngineHost
    let connection: EngineConnection
    let request: EngineRequest
    let plan: FaultPlan
    /// The plan's number: a stall ends when another plan comes.
    let generation: Int

    func run() async {
        do throws(EngineFailure) {
            switch request.endpoint {
            case .chatCompletions: try await generate(ChatFormat(), leadingSpace: false)
            case .completions: try await generate(CompletionsFormat(), leadingSpace: true)
            case .generate: try await generate(GenerateFormat(), leadingSpace: true)
            case .responses: try await generate(ResponsesFormat(), leadingSpace: false)
            case .messages: try await generate(MessagesFormat(), leadingSpace: false)
            case .embeddings: try await EmbeddingsAPI(inference: self).run()
            case .classify: try await ClassifyAPI(inference: self).run()
            case .rerank, .v1Rerank: try await RerankAPI(inference: self).run()
            }
        } catch {
            host.stats.refused += 1
            error.answer(on: connection, host.scratch)
        }
    }

    /// An id for the answer, unique on this engine and, by its name, among engines.
    func answerID(_ prefix: StaticString, _ prompt: BlockChain) -> String {
        "\(prefix)\(String(prompt.digest, radix: 16))-\(host.nextSerial())"
    }

    // MARK: - Text

    private func generate(_ format: some AnswerFormat, leadingSpace: Bool) async throws(EngineFailure) {
        let length = try request.answerLength()
        let prompt = request.prompt()
        let words = AnswerTokens(after: prompt)
        let wantsStream = request.wantsStream
        let includesUsage = request.includesUsage
        let model = request.model
        let id = request.value("rid")?.string ?? answerID(request.endpoint.idPrefix, prompt)
        guard let ticket = try await admit(prompt, tokens: length.tokens) else { return }
        let answer = Answer(
            id: id, created: Int(WallClock.seconds()), model: model, schedule: ticket.schedule, words: words,
            isCut: length.isLimit, includesUsage: includesUsage, leadingSpace: leadingSpace)
        let made = wantsStream ? await stream(answer, format) : await respond(answer, format)
        conclude(ticket, made: made)
    }

    /// Waits for the engine; nil when the client left first.
    func admit(_ prompt: BlockChain, tokens: Int) async throws(EngineFailure) -> EngineTicket? {
        do throws(EngineRefusal) {
            return try await host.admit(prompt, completionTokens: tokens, for: connection)
        } catch {
            switch error.reason {
            case .queueFull:
                throw EngineFailure(
                    status: 503, message: "The request queue is full.", type: "server_error", code: "queue_full")
            case .tooLong(let limit):
                throw EngineFailure(
                    status: 400,
                    message: "Prompt and answer together are longer than this engine's \(limit) tokens.",
                    code: "context_length_exceeded")
            }
        }
    }

    /// Tells the engine how it ended: with `made` tokens sent.
    func conclude(_ ticket: EngineTicket, made: Int?) {
        if made == nil {
            host.finish(ticket, stalled: plan.stallAfterTokens != nil)
            host.stats.completed += 1
        } else {
            host.cancel(ticket, tokens: made ?? 0)
        }
    }

    /// Waits until the engine has reached `deadline`. False when the client left.
    private func wait(until deadline: Instant) async -> Bool {
        while host.loop.now < deadline { guard await connection.pause(until: deadline) else { return false } }
        return !connection.isOver
    }

    private func stall() async -> Bool {
        host.stats.faults += 1
        host.statsChanged()
        while host.faultGeneration == generation { guard await connection.pause(until: nil) else { return false } }
        return !connection.isOver
    }

    // MARK: - At once

    /// Answers when all tokens are there. Nil when it is done, else the tokens that were made in vain.
    private func respond(_ answer: Answer, _ format: some AnswerFormat) async -> Int? {
        if let stallAt = plan.stallAfterTokens, stallAt <= answer.tokens {
            guard await wait(until: answer.schedule.due(max(stallAt - 1, 0))), await stall() else {
                return answer.schedule.tokens(by: host.loop.now)
            }
        }
        guard await wait(until: answer.schedule.lastTokenAt) else { return answer.schedule.tokens(by: host.loop.now) }
        host.scratch.clear()
        format.whole(answer, to: host.scratch)
        return await send(host.scratch.readable, tokens: answer.tokens) ? nil : answer.tokens
    }

    /// Sends a whole JSON answer of `tokens` tokens, with the faults that concern it. False when it did not reach its
    /// end.
    func send(_ body: UnsafeRawBufferPointer, tokens: Int) async -> Bool {
        let extra = plan.lengthMismatch ? 1 : 0
        connection.beginAnswer(status: 200, contentType: "application/json", length: body.count + extra)
        if plan.slowHead > .zero {
            host.stats.faults += 1
            // The buffer is shared: others may use it during the pause.
            let copy = ByteBuffer(body)
            await connection.dribble(plan.slowHead)
            connection.write(copy.readable)
        } else if let cut = plan.cutAfterTokens, cut <= tokens {
            host.stats.faults += 1
            connection.write(body.slice(0..<body.count / 2))
            connection.cut(reset: plan.reset)
            return false
        } else {
            connection.write(body)
        }
        if plan.lengthMismatch {
            host.stats.faults += 1
            connection.cut(reset: plan.reset)
            return false
        }
        connection.finish()
        return !connection.isOver
    }

    // MARK: - Streaming

    /// Sends tokens as they come. Nil when all are sent, else how many were.
    private func stream(_ answer: Answer, _ format: some AnswerFormat) async -> Int? {
        let out = ByteBuffer(capacity: 4 << 10)
        connection.beginAnswer(status: 200, contentType: "text/event-stream", length: nil)
        if plan.slowHead > .zero {
            host.stats.faults += 1
            await connection.dribble(plan.slowHead)
        }
        format.begin(answer, to: out)
        push(out)
        var sent = 0
        while true {
            if sent == plan.stallAfterTokens { guard await stall() else { return sent } }
            if sent == plan.cutAfterTokens {
                host.stats.faults += 1
                connection.cut(reset: plan.reset)
                return sent
            }
            if sent == answer.tokens { break }
            guard await wait(until: answer.schedule.due(sent)) else { return sent }
            let due = answer.schedule.tokens(by: host.loop.now)
            let stop = min(due, sent + Self.tokensPerWrite, fault(after: sent))
            while sent < stop {
                format.token(sent, answer, to: out)
                sent += 1
            }
            push(out)
            guard await connection.waitForRoom() else { return sent }
        }
        // A prompt that asks for no tokens is still read.
        guard await wait(until: answer.schedule.lastTokenAt) else { return sent }
        format.end(answer, to: out)
        if plan.lengthMismatch {
            // A stream has no length to contradict; a chunk that is longer than its size says is the same mistake.
            host.stats.faults += 1
            connection.sendRaw("5\r\ndata: too long\r\n\r\n")
            connection.cut(reset: plan.reset)
            return sent
        }
        connection.write(out.readable)
        connection.finish()
        return connection.isOver ? sent : nil
    }

    private func push(_ out: ByteBuffer) {
        connection.write(out.readable)
        connection.flush()
        out.clear()
    }

    /// The number of tokens the next fault comes after.
    private func fault(after sent: Int) -> Int {
        var next = Int.max
        if let stall = plan.stallAfterTokens, stall > sent { next = stall }
        if let cut = plan.cutAfterTokens, cut > sent { next = min(next, cut) }
        return next
    }
}
