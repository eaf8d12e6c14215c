internal import SMGBase
internal import SMGConfig
internal import SMGHTTP
internal import SMGJSON
internal import SMGTokenizer

/// `/v1/tokenize` and `/v1/detokenize`: texts and conversations to ids, and back.
final class TokenizationAPI {
    /// Texts of one request.
    private static let maximumTexts = 2048

    private let context: LoopContext
    private let reply: Reply

    init(context: LoopContext, reply: Reply) {
        self.context = context
        self.reply = reply
    }

    func handle(_ route: Route, _ exchange: ServerExchange) async {
        do throws(GatewayError) {
            let limit = context.shared.configuration.server.maximumBodyBytes
            let root = try await Reply.object(of: exchange, limit: limit)
            let tokenizer = try TokenizerChoice(context).tokenizer(for: root["model"])
            let body =
                route == .tokenize
                ? try await tokenize(Tokenize(root, tokenizer), bytes: root.bytes.count)
                : try await detokenize(Detokenize(root, tokenizer.tokenizer), bytes: root.bytes.count)
            reply.json(exchange, body: body.value)
        } catch { reply.error(exchange, error) }
    }

    private func tokenize(_ request: Tokenize, bytes: Int) async throws(GatewayError) -> Answer {
        try await run(bytes: bytes) { () throws(TokenizerError) in try request.answer() }
    }

    private func detokenize(_ request: Detokenize, bytes: Int) async throws(GatewayError) -> Answer {
        try await run(bytes: bytes) { () throws(TokenizerError) in try request.answer() }
    }

    private func run(
        bytes: Int, _ work: @escaping @Sendable () throws(TokenizerError) -> Answer
    ) async throws(GatewayError) -> Answer {
        do throws(TokenizerError) { return try await context.shared.tokenizers.run(bytes: bytes, work) } catch {
            throw GatewayError(tokenizer: error)
        }
    }

    /// A finished document on its way between threads.
    struct Answer: @unchecked Sendable {
        // SAFETY (@unchecked Sendable): one thread writes it, and is done with it before another reads it.
        let value: ByteBuffer
    }

    /// What `/v1/tokenize` was asked.
    private struct Tokenize: @unchecked Sendable {
        // SAFETY (@unchecked Sendable): the slices point into the request's body, which stays as it is until answered.
        private enum Input {
            case one(JSONSlice)
            case many([JSONSlice])
            case conversation
        }

        private let root: JSONSlice
        private let tokenizer: CachedTokenizer
        private let input: Input
        private let addSpecialTokens: Bool
        private let showsTokens: Bool

        init(_ root: JSONSlice, _ tokenizer: CachedTokenizer) throws(GatewayError) {
            self.root = root
            self.tokenizer = tokenizer
            input = try Self.input(root)
            // A template writes its special tokens itself.
            var adds = true
            if case .conversation = input { adds = false }
            addSpecialTokens = root["add_special_tokens"]?.bool ?? adds
            showsTokens = root["return_token_strs"]?.bool ?? false
        }

        private static func input(_ root: JSONSlice) throws(GatewayError) -> Input {
            if root["messages"]?.kind == .array { return .conversation }
            guard let prompt = root["prompt"] ?? root["text"], !prompt.isNull else {
                throw GatewayError(.missingParameter, "'prompt' or 'messages' is needed.", param: "prompt")
            }
            if prompt.kind == .string { return .one(prompt) }
            var texts: [JSONSlice] = []
            for element in prompt.elements {
                guard element.kind == .string, texts.count < TokenizationAPI.maximumTexts else { break }
                texts.append(element)
            }
            guard prompt.kind == .array, texts.count == prompt.elements.reduce(0, { count, _ in count + 1 }) else {
                throw GatewayError(
                    .invalidRequest,
                    "'prompt' must be a text or an array of at most \(TokenizationAPI.maximumTexts) texts.",
                    param: "prompt")
            }
            return .many(texts)
        }

        func answer() throws(TokenizerError) -> Answer {
            let body = ByteBuffer(capacity: 1024)
            var writer = JSONWriter(body)
            writer.beginObject()
            switch input {
            case .one(let text): try write([try encode(text)], isBatch: false, to: &writer)
            case .many(let texts):
                var rows: [Row] = []
                for text in texts { rows.append(try encode(text)) }
                try write(rows, isBatch: true, to: &writer)
            case .conversation: try write([try render()], isBatch: false, to: &writer)
            }
            writer.endObject()
            return Answer(value: body)
        }

        private struct Row {
            let ids: [UInt32]
            let characters: Int
        }

        private func encode(_ text: JSONSlice) throws(TokenizerError) -> Row {
            let decoded = ByteBuffer(capacity: text.bytes.count)
            text.text?.append(to: decoded)
            return try encode(decoded)
        }

        private func encode(_ text: ByteBuffer) throws(TokenizerError) -> Row {
            let ids = TokenBuffer(capacity: text.readableCount / 3)
            try tokenizer.encode(text.readable, addSpecialTokens: addSpecialTokens, into: ids)
            // The text is well-formed: every byte that continues no character begins one.
            let characters = text.readable.reduce(0) { $0 + ($1 & 0xc0 == 0x80 ? 0 : 1) }
            return Row(ids: ids.array, characters: characters)
        }

        private func render() throws(TokenizerError) -> Row {
            try encode(try ChatRequest(root).render(with: tokenizer.tokenizer))
        }

        private func write(_ rows: [Row], isBatch: Bool, to writer: inout JSONWriter) throws(TokenizerError) {
            writer.key("tokens")
            if isBatch { writer.beginArray() }
            for row in rows {
                writer.beginArray()
                for id in row.ids { writer.int(Int(id)) }
                writer.endArray()
            }
            if isBatch { writer.endArray() }
            if showsTokens {
                writer.key("token_strs")
                if isBatch { writer.beginArray() }
                for row in rows {
                    writer.beginArray()
                    for id in row.ids { writer.string(tokenizer.tokenizer.token(id) ?? "") }
                    writer.endArray()
                }
                if isBatch { writer.endArray() }
            }
            numbers("count", rows.map(\.ids.count), isBatch, &writer)
            numbers("char_count", rows.map(\.characters), isBatch, &writer)
        }

        private func numbers(_ key: StaticString, _ values: [Int], _ isBatch: Bool, _ writer: inout JSONWriter) {
            writer.key(key)
            if isBatch { writer.beginArray() }
            for value in values { writer.int(value) }
            if isBatch { writer.endArray() }
        }
    }

    /// What `/v1/detokenize` was asked.
    private struct Detokenize: Sendable {
        private let rows: [[UInt32]]
        private let isBatch: Bool
        private let skipsSpecialTokens: Bool
        private let tokenizer: Tokenizer

        init(_ root: JSONSlice, _ tokenizer: Tokenizer) throws(GatewayError) {
            self.tokenizer = tokenizer
            skipsSpecialTokens = root["skip_special_tokens"]?.bool ?? true
            guard let tokens = root["tokens"], tokens.kind == .array else {
                throw GatewayError(.missingParameter, "'tokens' is needed: an array of ids.", param: "tokens")
            }
            var rows: [[UInt32]] = []
            isBatch = tokens.elements.first { _ in true }?.kind == .array
            if isBatch {
                for row in tokens.elements { rows.append(try Self.ids(row)) }
            } else {
                rows.append(try Self.ids(tokens))
            }
            self.rows = rows
        }

        private static func ids(_ row: JSONSlice) throws(GatewayError) -> [UInt32] {
            var ids: [UInt32] = []
            guard row.kind == .array else { throw wrong }
            for element in row.elements {
                guard let value = element.int64, let id = UInt32(exactly: value) else { throw wrong }
                ids.append(id)
            }
            return ids
        }

        private static var wrong: GatewayError {
            GatewayError(
                .invalidRequest, "'tokens' must be an array of ids, or an array of such arrays.", param: "tokens")
        }

        func answer() throws(TokenizerError) -> Answer {
            let body = ByteBuffer(capacity: 1024)
            var writer = JSONWriter(body)
            writer.beginObject()
            writer.key("text")
            if isBatch { writer.beginArray() }
            for row in rows { writer.string(try tokenizer.decode(row, skipSpecialTokens: skipsSpecialTokens)) }
            if isBatch { writer.endArray() }
            writer.endObject()
            return Answer(value: body)
        }
    }
}
