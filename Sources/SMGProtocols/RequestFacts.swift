internal import SMGBase
package import SMGJSON

/// What the gateway has to know about one request body. Everything else in the body is the engine's business.
///
/// Only requests that no engine can serve are refused: the body must be a JSON object, and the parameter that carries
/// the prompt must be there. Unknown members, odd values and null where a default exists pass.
package struct RequestFacts: Sendable {
    package let endpoint: Endpoint
    /// Whether the client asked for a stream; an absent or null `stream` means no.
    package let stream: Bool
    /// The `model` between its quotes, as offsets into the body; nil when absent or null.
    package let modelRange: Range<Int>?

    /// Scans `body` into `scan`, which keeps describing it afterwards, and checks what the endpoint needs.
    package init(
        endpoint: Endpoint, body: UnsafeRawBufferPointer, scan: JSONObjectScan
    ) throws(RequestError) {
        do throws(JSONError) { try scan.scan(body) } catch { throw .json(error) }
        let request = ScannedRequest(body: body, scan: scan)
        self.endpoint = endpoint
        modelRange = try request.modelRange()
        stream = try request.stream()
        try request.checkPrompt(endpoint)
    }

    /// The model between its quotes. Valid as long as `body`, which must be the bytes that were read.
    package func model(in body: UnsafeRawBufferPointer) -> JSONString? {
        guard let modelRange, modelRange.upperBound <= body.count else { return nil }
        return JSONString(raw: body.slice(modelRange))
    }

    /// The decoded model name.
    package func modelName(in body: UnsafeRawBufferPointer) -> String? { model(in: body)?.string }
}

/// A body and its scan, during the checks.
private struct ScannedRequest {
    let body: UnsafeRawBufferPointer
    let scan: JSONObjectScan

    /// The member named `key` unless it is null.
    func value(_ key: StaticString) -> JSONSlice? {
        guard let value = scan.value(key, in: body), !value.isNull else { return nil }
        return value
    }

    func modelRange() throws(RequestError) -> Range<Int>? {
        guard let i = scan.index(of: "model", in: body) else { return nil }
        let member = scan.members[i]
        switch member.kind {
        case .null: return nil
        case .string: return member.valueRange.lowerBound + 1..<member.valueRange.upperBound - 1
        default: throw .invalidType(.model, found: member.kind)
        }
    }

    func stream() throws(RequestError) -> Bool {
        guard let value = value("stream") else { return false }
        guard let stream = value.bool else { throw .invalidType(.stream, found: value.kind) }
        return stream
    }

    func checkPrompt(_ endpoint: Endpoint) throws(RequestError) {
        switch endpoint {
        case .chatCompletions:
            try requireArray("messages", .messages)
        case .completions:
            // An engine that takes embeddings in place of a prompt gets them.
            try require(.prompt, "prompt", "prompt_embeds")
        case .embeddings, .classify:
            // Both also exist over chat messages.
            try require(.input, "input", "messages")
        case .generate:
            try require(.text, "text", "input_ids", "input_embeds")
        case .rerank, .v1Rerank:
            try checkQuery()
            // Multimodal documents are an object.
            if value("documents")?.kind != .object { try requireArray("documents", .documents) }
        case .responses, .messages:
            break
        }
    }

    /// One of `keys` must be there.
    private func require(_ parameter: RequestParameter, _ keys: StaticString...) throws(RequestError) {
        for key in keys where value(key) != nil { return }
        throw .missing(parameter)
    }

    /// A non-empty array must be there.
    private func requireArray(_ key: StaticString, _ parameter: RequestParameter) throws(RequestError) {
        guard let value = value(key) else { throw .missing(parameter) }
        guard value.kind == .array else { throw .invalidType(parameter, found: value.kind) }
        var cursor = JSONCursor(value.bytes)
        guard cursor.enter(), cursor.nextElement() else { throw .empty(parameter) }
    }

    /// The query must be there and, as text, must say something.
    private func checkQuery() throws(RequestError) {
        guard let query = value("query") else { throw .missing(.query) }
        guard let text = query.text else {
            // Multimodal queries are an object.
            if query.kind == .object { return }
            throw .invalidType(.query, found: query.kind)
        }
        let isBlank = text.raw.allSatisfy { $0 == 0x20 }
        if isBlank || (text.hasEscapes && text.string.allSatisfy(\.isWhitespace)) { throw .empty(.query) }
    }
}
