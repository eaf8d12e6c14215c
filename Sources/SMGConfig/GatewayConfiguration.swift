package import SMGBase

/// Everything the gateway is told at its start, checked and typed. Made from the option table in one place only.
package struct GatewayConfiguration: Sendable, Hashable {
    package let server: Server
    package let workers: Workers
    package let routing: Routing
    package let tokenization: Tokenization
    package let limiter: Limiter
    package let timeouts: Timeouts
    package let upstream: Upstream
    package let retry: Retry
    package let breaker: Breaker
    package let health: Health
    package let tls: TLS
    package let observability: Observability
    /// What is allowed but probably not meant, one line each, for the log.
    package let warnings: [String]
}

extension GatewayConfiguration {
    /// The side clients see.
    package struct Server: Sendable, Hashable {
        package let listen: ListenAddress
        /// Threads that serve requests; 0 stands for one per core.
        package let eventLoops: Int
        /// Client connections open at once.
        package let maximumConnections: Int
        package let maximumBodyBytes: Int
        /// Lower case, in order of preference.
        package let requestIDHeaders: [String]
        /// Empty allows every origin.
        package let corsAllowedOrigins: [String]
        /// The key clients send, also sent to the listed workers. Nil asks for none.
        package let apiKey: Secret?
        package let shutdownGracePeriod: TimeSpan
    }

    /// Where to listen for clients.
    package enum ListenAddress: Sendable, Hashable {
        /// A name or address (IPv6 without brackets); port 0 takes any free one.
        case tcp(host: String, port: Int)
        case unix(path: String)
    }

    /// The workers known from the start, and the life of every worker.
    package struct Workers: Sendable, Hashable {
        package let urls: [WorkerURL]
        package let startupTimeout: TimeSpan
        /// Longest pause between two checks of a worker that is still starting.
        package let startupCheckInterval: TimeSpan
        /// How long a drained worker stays known.
        package let drainSettle: TimeSpan
        package let removesUnhealthy: Bool
    }

    /// The tokenizer the gateway loads at its start.
    package struct Tokenization: Sendable, Hashable {
        /// A path, or a name on the hub; nil loads none.
        package let source: String?
        package let chatTemplatePath: String?
        /// Whether cache_aware compares tokens instead of text.
        package let routesOnTokens: Bool
        /// Whole texts remembered by each tokenizer; 0 remembers none.
        package let cachedTexts: Int
        /// Bytes for remembered beginnings of texts, by each tokenizer; 0 remembers none.
        package let cachedPrefixBytes: Int
    }

    /// How the worker of a request is chosen.
    package struct Routing: Sendable, Hashable {
        package let policy: RoutingPolicy
        /// 0 to 1: share of the prompt that must match.
        package let cacheThreshold: Double
        package let balanceAbsoluteThreshold: Int
        package let balanceRelativeThreshold: Double
        /// Characters of prompts in the prefix index of one model, four bytes of memory each.
        package let maximumTreeCharacters: Int
    }

    /// How many requests are let in.
    package struct Limiter: Sendable, Hashable {
        /// Nil sets no limit, and the rest has no meaning.
        package let maximumConcurrent: Int?
        package let queueSize: Int
        package let queueTimeout: TimeSpan
        /// Nil limits the requests in flight alone.
        package let tokensPerSecond: Int?
    }

    package struct Timeouts: Sendable, Hashable {
        /// One request to a worker, its whole answer included.
        package let request: TimeSpan
        package let connect: TimeSpan
        package let firstByte: TimeSpan
        /// Silence of a worker inside an answer. Nil waits for ever.
        package let streamStall: TimeSpan?
        /// Silence after which an event stream gets a comment. Nil sends none.
        package let sseKeepAlive: TimeSpan?
        package let headerRead: TimeSpan
        /// Silence of a client inside a request body.
        package let bodyReadStall: TimeSpan
        package let idleConnection: TimeSpan
    }

    /// Connections to workers.
    package struct Upstream: Sendable, Hashable {
        package let usesHTTP2: Bool
        /// Per worker and event loop.
        package let maximumConnections: Int
        package let idleTimeout: TimeSpan
    }

    package struct Retry: Sendable, Hashable {
        /// At least 1, the first attempt included; 1 when retries are disabled.
        package let maximumAttempts: Int
        package let initialBackoff: TimeSpan
        package let maximumBackoff: TimeSpan
        package let multiplier: Double
        /// 0 to 1.
        package let jitter: Double
    }

    /// The circuit breaker of each worker.
    package struct Breaker: Sendable, Hashable {
        package let isEnabled: Bool
        package let failureThreshold: Int
        package let successThreshold: Int
        /// How long it stays open.
        package let openDuration: TimeSpan
        package let window: TimeSpan
    }

    package struct Health: Sendable, Hashable {
        package let isEnabled: Bool
        package let interval: TimeSpan
        package let timeout: TimeSpan
        /// Begins with a slash.
        package let endpoint: String
        package let failureThreshold: Int
        package let successThreshold: Int
    }

    package struct TLS: Sendable, Hashable {
        /// Set to serve HTTPS.
        package let server: CertificatePair?
        /// The identity shown to workers.
        package let client: CertificatePair?
        /// Trusted for workers, besides the system's authorities.
        package let authorityPaths: [String]
    }

    /// Paths of PEM files.
    package struct CertificatePair: Sendable, Hashable {
        package let certificatePath: String
        package let keyPath: String
    }

    package struct Observability: Sendable, Hashable {
        package let logLevel: LogLevel
        package let logsJSON: Bool
        package let prometheusHost: String
        /// 0 takes any free port.
        package let prometheusPort: Int
        /// Upper bounds in seconds, rising.
        package let durationBuckets: [Double]
    }
}
