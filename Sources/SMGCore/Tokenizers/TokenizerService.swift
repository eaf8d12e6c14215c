internal import SMGBase
package import SMGConfig
package import SMGNet
package import SMGTelemetry
internal import SMGTokenizer
internal import Synchronization

/// Loads tokenizers, on the blocking pool, and keeps those that are loaded.
package final class TokenizerService: Sendable {
    package let registry = TokenizerRegistry()
    private let options: GatewayConfiguration.Tokenization
    private let pool: BlockingPool
    private let loop: EventLoop
    private let resolver: Resolver
    private let log: Logger
    /// The id of the tokenizer that the configuration names.
    private let configuredID = Mutex<String?>(nil)

    package init(
        _ options: GatewayConfiguration.Tokenization, pool: BlockingPool, loop: EventLoop, resolver: Resolver,
        log: Logger
    ) {
        self.resolver = resolver
        self.options = options
        self.pool = pool
        self.loop = loop
        self.log = log
    }

    /// Begins to load the tokenizer that the configuration names, if it names one.
    package func loadConfigured() {
        guard let source = options.source else { return }
        do throws(TokenizerRegistry.Refusal) {
            let entry = try load(source, as: source, chatTemplate: options.chatTemplatePath)
            configuredID.withLock { $0 = entry.id }
        } catch {}
    }

    /// Begins to load `source`, a path or the name of a model on the hub, as `name`, and returns at once.
    @discardableResult
    package func load(
        _ source: String, as name: String, chatTemplate: String?
    ) throws(TokenizerRegistry.Refusal) -> TokenizerRegistry.Entry {
        let entry = try registry.announce(name, source: source)
        loop.execute { [self] in
            loop.spawn { [self] in await load(entry, chatTemplate) }
        }
        return entry
    }

    private func load(_ entry: TokenizerRegistry.Entry, _ chatTemplate: String?) async {
        let start = Instant.now()
        let result: Result<CachedTokenizer, TokenizerError>
        do throws(TokenizerError) { result = .success(try await make(entry.source, chatTemplate)) } catch {
            result = .failure(error)
        }
        guard registry.finish(entry.id, result) else { return }
        switch result {
        case .success(let cached):
            let tokenizer = cached.tokenizer
            log.info("tokenizers", "tokenizer ready") {
                $0.field("name", entry.name)
                $0.field("kind", tokenizer.kind.rawValue)
                $0.field("vocabulary", tokenizer.vocabularySize)
                $0.field("duration", Instant.now() - start)
            }
        case .failure(let error):
            log.error("tokenizers", "tokenizer could not be loaded") {
                $0.field("name", entry.name)
                $0.field("error", error.code.rawValue)
                $0.field("reason", error.message)
            }
        }
    }

    /// The tokenizer of `source`, fetched from the hub if it is not on this machine. From a task of `loop`.
    private func make(_ source: String, _ chatTemplate: String?) async throws(TokenizerError) -> CachedTokenizer {
        let hub = try HubSettings()
        if let tokenizer = try await onPool({ () throws(TokenizerError) in
            let options = try TokenizerLoader.options(chatTemplatePath: chatTemplate)
            return try TokenizerLoader.loadLocal(source, options: options, hub: hub)
        }) {
            return tokenizer
        }
        log.info("tokenizers", "fetching from the hub") {
            $0.field("model", source)
            $0.field("hub", hub.endpoint.origin)
        }
        let path = try await HubDownload(hub, loop: loop, pool: pool, resolver: resolver).run(source)
        let tokenizer = try await onPool { () throws(TokenizerError) in
            try Tokenizer.load(path: path, options: try TokenizerLoader.options(chatTemplatePath: chatTemplate))
        }
        guard let tokenizer else { throw TokenizerError(.downloadFailed, "\(path) went away") }
        return tokenizer
    }

    /// A tokenizer made by `load` on the blocking pool, behind its caches.
    private func onPool(
        _ load: @escaping @Sendable () throws(TokenizerError) -> Tokenizer?
    ) async throws(TokenizerError) -> CachedTokenizer? {
        var caches = TokenCacheOptions()
        caches.exactEntries = options.cachedTexts
        caches.prefixBytes = options.cachedPrefixBytes
        let result: Result<CachedTokenizer?, TokenizerError>
        do {
            result = try await pool.run { [caches] in
                do throws(TokenizerError) { return .success(try load().map { CachedTokenizer($0, caches) }) } catch {
                    return .failure(error)
                }
            }
        } catch { throw TokenizerError(.busy, "no thread was free to load the tokenizer") }
        return try result.get()
    }

    /// The tokenizer that the configuration names, once it is loaded.
    package var configured: TokenizerRegistry.Entry? {
        configuredID.withLock { $0 }.flatMap { registry.find($0) }
    }
}
