internal import SMGBase
internal import SMGConfig
internal import SMGHTTP
internal import SMGJSON
internal import SMGTokenizer

/// The tokenizers themselves over HTTP: list, add, show, remove.
final class TokenizerAPI {
    /// Bodies are a name and a path.
    private static let bodyBytes = 64 << 10
    /// Bytes of a name or a source.
    private static let nameBytes = 1024

    private let context: LoopContext
    private let reply: Reply

    init(context: LoopContext, reply: Reply) {
        self.context = context
        self.reply = reply
    }

    private var service: TokenizerService { context.shared.tokenizers }

    func handle(_ route: Route, _ exchange: ServerExchange) async {
        do throws(GatewayError) {
            switch (route, exchange.head.method) {
            case (.tokenizers, .post): try await add(exchange)
            case (.tokenizers, _): list(exchange)
            case (.tokenizer(let range), .delete): try remove(exchange, key(exchange, range))
            case (.tokenizer(let range), _): try show(exchange, key(exchange, range))
            case (.tokenizerStatus(let range), _): try status(exchange, key(exchange, range))
            default: throw GatewayError(.unknownURL, "Not here.")
            }
        } catch { reply.error(exchange, error) }
    }

    private func key(_ exchange: ServerExchange, _ range: Range<Int>) throws(GatewayError) -> String {
        if let text = PercentCoding.decode(exchange.path.slice(range)) { return text }
        throw GatewayError(.invalidRequest, "The tokenizer's name in the path is not valid percent-encoding.")
    }

    private func entry(_ key: String) throws(GatewayError) -> TokenizerRegistry.Entry {
        if let entry = service.registry.find(key) { return entry }
        throw GatewayError(.tokenizerNotFound, "There is no tokenizer '\(key)'.")
    }

    private func add(_ exchange: ServerExchange) async throws(GatewayError) {
        let root = try await Reply.object(of: exchange, limit: TokenizerAPI.bodyBytes)
        let name = try text(root, "name")
        let source = try text(root, "source")
        let template = root["chat_template_path"].flatMap { $0.isNull ? nil : $0.string }
        let entry: TokenizerRegistry.Entry
        do throws(TokenizerRegistry.Refusal) {
            entry = try service.load(source, as: name, chatTemplate: template)
        } catch {
            switch error {
            case .exists(let entry):
                throw GatewayError(
                    .tokenizerExists, "A tokenizer '\(name)' exists already, with the id \(entry.id).", param: "name")
            case .tooMany:
                throw GatewayError(
                    .invalidRequest,
                    "There are \(TokenizerRegistry.maximumCount) tokenizers, the most there can be.")
            }
        }
        reply.json(exchange, status: 202, location: "/v1/tokenizers/\(entry.id)") { writer in
            writer.beginObject()
            writer.key("id")
            writer.string(entry.id)
            writer.key("status")
            writer.string(entry.state.label)
            writer.key("message")
            writer.string("The tokenizer is being loaded")
            writer.endObject()
        }
    }

    private func text(_ root: JSONSlice, _ member: StaticString) throws(GatewayError) -> String {
        guard let text = root[member]?.string, !text.isEmpty else {
            throw GatewayError(
                .missingParameter, "'\(member)' is needed: a text that is not empty.", param: "\(member)")
        }
        guard text.utf8.count <= TokenizerAPI.nameBytes else {
            throw GatewayError(
                .invalidRequest, "'\(member)' is longer than \(TokenizerAPI.nameBytes) bytes.", param: "\(member)")
        }
        return text
    }

    private func list(_ exchange: ServerExchange) {
        let entries = service.registry.all
        reply.json(exchange) { writer in
            writer.beginObject()
            writer.key("tokenizers")
            writer.beginArray()
            for entry in entries { write(entry, to: &writer) }
            writer.endArray()
            writer.endObject()
        }
    }

    private func show(_ exchange: ServerExchange, _ key: String) throws(GatewayError) {
        let entry = try entry(key)
        reply.json(exchange) { write(entry, to: &$0) }
    }

    private func status(_ exchange: ServerExchange, _ key: String) throws(GatewayError) {
        let entry = try entry(key)
        reply.json(exchange) { writer in
            writer.beginObject()
            writer.key("id")
            writer.string(entry.id)
            writer.key("status")
            writer.string(entry.state.label)
            writer.key("message")
            if case .failed(let error) = entry.state { writer.string(error.message) } else { writer.null() }
            writer.key("vocab_size")
            if let cached = entry.tokenizer { writer.int(cached.tokenizer.vocabularySize) } else { writer.null() }
            writer.endObject()
        }
    }

    private func remove(_ exchange: ServerExchange, _ key: String) throws(GatewayError) {
        guard let entry = service.registry.remove(key) else {
            throw GatewayError(.tokenizerNotFound, "There is no tokenizer '\(key)'.")
        }
        reply.json(exchange) { writer in
            writer.beginObject()
            writer.key("success")
            writer.bool(true)
            writer.key("message")
            writer.string("The tokenizer '\(entry.name)' is removed")
            writer.endObject()
        }
    }

    /// What a cache has done; null when there is none.
    private func write(_ statistics: TokenCacheStatistics?, to writer: inout JSONWriter) {
        guard let statistics else { return writer.null() }
        writer.beginObject()
        let numbers: [(StaticString, Int)] = [
            ("hits", statistics.hits), ("misses", statistics.misses), ("entries", statistics.entries),
            ("bytes", statistics.bytes),
        ]
        for (key, number) in numbers {
            writer.key(key)
            writer.int(number)
        }
        writer.endObject()
    }

    private func write(_ entry: TokenizerRegistry.Entry, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("id")
        writer.string(entry.id)
        writer.key("name")
        writer.string(entry.name)
        writer.key("source")
        writer.string(entry.source)
        writer.key("status")
        writer.string(entry.state.label)
        writer.key("vocab_size")
        if let cached = entry.tokenizer {
            let tokenizer = cached.tokenizer
            writer.int(tokenizer.vocabularySize)
            writer.key("kind")
            writer.string(tokenizer.kind.rawValue)
            writer.key("chat_template")
            writer.bool(tokenizer.chatTemplates != nil)
            writer.key("cache_l0")
            write(cached.exactStatistics, to: &writer)
            writer.key("cache_l1")
            write(cached.prefixStatistics, to: &writer)
        } else {
            writer.null()
        }
        if case .failed(let error) = entry.state {
            writer.key("error")
            writer.string(error.message)
        }
        writer.endObject()
    }
}
