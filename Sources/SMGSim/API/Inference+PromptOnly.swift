internal import SMGBase
internal import SMGJSON
internal import SMGNet

extension Inference {
    /// Lets the engine read the request's prompt, then answers with what `write` makes.
    func readAndAnswer(_ prompt: BlockChain, _ write: (Schedule, inout JSONWriter) -> Void) async throws(EngineFailure)
    {
        guard let ticket = try await admit(prompt, tokens: 0) else { return }
        while host.loop.now < ticket.schedule.firstTokenAt {
            guard await connection.pause(until: ticket.schedule.firstTokenAt) else {
                return conclude(ticket, made: 0)
            }
        }
        host.scratch.clear()
        var writer = JSONWriter(host.scratch)
        write(ticket.schedule, &writer)
        conclude(ticket, made: await send(host.scratch.readable, tokens: 0) ? nil : 0)
    }

    var blockSize: Int { host.options.engine.clamped.blockSize }

    /// `usage` of answers without generated tokens.
    func promptUsage(_ tokens: Int, to writer: inout JSONWriter) {
        writer.key("usage")
        writer.beginObject()
        writer.key("prompt_tokens")
        writer.int(tokens)
        writer.key("total_tokens")
        writer.int(tokens)
        writer.endObject()
    }
}
