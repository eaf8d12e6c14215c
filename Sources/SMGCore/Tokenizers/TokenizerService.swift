internal import SMGBase
package import SMGConfig
package import SMGNet
package import SMGTelemetry
internal import SMGTokenizer
internal import Synchronization

/// Loads tokenizers and runs long tokenisations where they keep no request waiting: on the blocking pool.
package final class TokenizerService: Sendable {
    /// Texts up to this many bytes are tokenised on the event loop: at 50 MB/s for text never seen before that is
    /// 200 µs, about what a change of threads and its wake-ups cost under load.
    package static let inlineBytes = 8 << 10

    package let registry = TokenizerRegistry()
    private let options: GatewayConfiguration.Tokenization
    private let pool: BlockingPool
    private let loop: EventLoop
    private let log: Logger
    /// The id of the tokenizer that the configuration names.
    private let configuredID = Mutex<String?>(nil)

    package init(_ options: GatewayConfiguration.Tokenization, pool: BlockingPool, loop: EventLoop, log: Logger) {
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
        do {
            let source = entry.source
            var caches = TokenCacheOptions()
            caches.exactEntries = options.cachedTexts
            caches.prefixBytes = options.cachedPrefixBytes
            result = try await pool.run { [caches] in
                do throws(TokenizerError) {
                    let tokenizer = try TokenizerLoader.load(source, chatTemplatePath: chatTemplate)
                    return .success(CachedTokenizer(tokenizer, caches))
                } catch { return .failure(error) }
            }
        } catch { result = .failure(TokenizerError(.busy, "no thread was free to load the tokenizer")) }
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

    /// The tokenizer that the configuration names, once it is loaded.
    package var configured: TokenizerRegistry.Entry? {
        configuredID.withLock { $0 }.flatMap { registry.find($0) }
    }

    /// Runs `work` where it may take its time: here when `bytes` are few, else on the pool. From a task of a loop.
    func run<T: Sendable>(
        bytes: Int, _ work: @escaping @Sendable () throws(TokenizerError) -> T
    ) async throws(TokenizerError) -> T {
        if bytes <= TokenizerService.inlineBytes { return try work() }
        let result: Result<T, TokenizerError>
        do {
            result = try await pool.run {
                do throws(TokenizerError) { return .success(try work()) } catch { return .failure(error) }
            }
        } catch { throw TokenizerError(.busy, "too many tokenisations are waiting") }
        return try result.get()
    }
}
