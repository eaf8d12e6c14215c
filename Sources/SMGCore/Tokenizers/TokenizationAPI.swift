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
            let work: @Sendable () throws(GatewayError) -> ByteBuffer
            if route == .tokenize {
                let request = try Tokenize(root, tokenizer)
                work = { () throws(GatewayError) in try request.answer() }
            } else {
                let request = Detokenize(root, tokenizer.tokenizer)
                work = { () throws(GatewayError) in try request.answer() }
            }
            let body = try await context.shared.pool.run(bytes: root.bytes.count) { () throws(GatewayError) in
                HandedOver(try work())
            }
            reply.json(exchange, body: body.value)
        } catch { reply.error(exchange, error) }
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

        func answer() throws(GatewayError) -> ByteBuffer {
            let rows: [Row]
            do throws(TokenizerError) { rows = try self.rows() } catch { throw GatewayError(tokenizer: error) }
            var isBatch = false
            if case .many = input { isBatch = true }
            let body = ByteBuffer(capacity: 1024)
            var writer = JSONWriter(body)
            writer.beginObject()
            write(rows, isBatch, to: &writer)
            writer.endObject()
            return body
        }

        private func rows() throws(TokenizerError) -> [Row] {
            switch input {
            case .one(let text): return [try encode(text)]
            case .many(let texts):
                var rows: [Row] = []
                for text in texts { rows.append(try encode(text)) }
                return rows
            case .conversation: return [try encode(try ChatRequest(root).render(with: tokenizer.tokenizer))]
            }
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

        private func write(_ rows: [Row], _ isBatch: Bool, to writer: inout JSONWriter) {
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
    private struct Detokenize: @unchecked Sendable {
        // SAFETY (@unchecked Sendable): the slice points into the request's body, which stays as it is until answered.
        private let root: JSONSlice
        private let tokenizer: Tokenizer

        init(_ root: JSONSlice, _ tokenizer: Tokenizer) {
            self.root = root
            self.tokenizer = tokenizer
        }

        func answer() throws(GatewayError) -> ByteBuffer {
            guard let tokens = root["tokens"], tokens.kind == .array else {
                throw GatewayError(.missingParameter, "'tokens' is needed: an array of ids.", param: "tokens")
            }
            let body = ByteBuffer(capacity: 1024)
            var writer = JSONWriter(body)
            writer.beginObject()
            writer.key("text")
            if tokens.elements.first(where: { _ in true })?.kind == .array {
                writer.beginArray()
                for row in tokens.elements { writer.string(try text(row)) }
                writer.endArray()
            } else {
                writer.string(try text(tokens))
            }
            writer.endObject()
            return body
        }

        private func text(_ row: JSONSlice) throws(GatewayError) -> String {
            let ids = try ids(row)
            do throws(TokenizerError) {
                return try tokenizer.decode(ids, skipSpecialTokens: root["skip_special_tokens"]?.bool ?? true)
            } catch { throw GatewayError(tokenizer: error) }
        }

        private func ids(_ row: JSONSlice) throws(GatewayError) -> [UInt32] {
            var ids: [UInt32] = []
            guard row.kind == .array else { throw wrong }
            for element in row.elements {
                guard let value = element.int64, let id = UInt32(exactly: value) else { throw wrong }
                ids.append(id)
            }
            return ids
        }

        private var wrong: GatewayError {
            GatewayError(
                .invalidRequest, "'tokens' must be an array of ids, or an array of such arrays.", param: "tokens")
        }
    }
}
