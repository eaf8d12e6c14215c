import SMGBase
import SMGJSON
import SMGProtocols

/// What must hold for any request body. Checked over the fuzzing corpus in every test run, and by the fuzzer.
enum RequestProperties {
    /// The first property `body` violates; nil when all hold.
    static func violation(_ body: UnsafeRawBufferPointer) -> String? {
        let scan = JSONObjectScan()
        for endpoint in Endpoint.allCases {
            do throws(RequestError) {
                let facts = try RequestFacts(endpoint: endpoint, body: body, scan: scan)
                if facts.modelRange != nil, facts.modelName(in: body) == nil { return "a model without a name" }
            } catch {
                let buffer = ByteBuffer(capacity: 16)
                OpenAIErrorBody.append(error, to: buffer)
                guard (try? JSONSlice(parsing: buffer.readable)) != nil else { return "an invalid error object" }
                if case .json = error { continue }
            }
            if let broken = text(endpoint, scan, body) { return broken }
        }
        return nil
    }

    private static func text(
        _ endpoint: Endpoint, _ scan: JSONObjectScan, _ body: UnsafeRawBufferPointer
    ) -> String? {
        let whole = ByteBuffer(capacity: 16)
        PromptText.append(endpoint, scan: scan, body: body, to: whole, limit: .max)
        guard String(validating: whole.readable, as: UTF8.self) != nil else { return "text that is not UTF-8" }
        // Token ids and texts are at most one byte, the space, longer than their spelling.
        guard whole.readableCount <= body.count else { return "more text than body" }
        for limit in [0, 1, 7, 64, whole.readableCount / 2] {
            let part = ByteBuffer(capacity: 16)
            PromptText.append(endpoint, scan: scan, body: body, to: part, limit: limit)
            guard part.readableCount <= limit else { return "text beyond its limit" }
            guard whole.readable.starts(with: part.readable) else { return "limited text is no start of the whole" }
            guard String(validating: part.readable, as: UTF8.self) != nil else { return "limited text is not UTF-8" }
            guard limit - part.readableCount < 5 || part.readableCount == whole.readableCount else {
                return "limited text is too short"
            }
        }
        return nil
    }
}
