internal import SMGBase
internal import SMGConfig
internal import SMGHTTP
internal import SMGNet
internal import SMGTokenizer

/// Requests to the hub and to where it sends us. On one loop.
final class HubConnection {
    private let settings: HubSettings
    private let loop: EventLoop
    private let resolver: Resolver
    private let tls: TLSClientContext
    private var pools: [String: UpstreamPool] = [:]

    /// Redirections followed for one file: the hub sends large files to one store, which may send on.
    private static let maximumRedirections = 5
    /// Attempts at one file when the network or the server fails.
    private static let attempts = 3
    /// Pause before the second attempt; twice as long before the third.
    private static let pause = TimeSpan.milliseconds(500)
    /// Without a byte.
    private static let stall = TimeSpan.seconds(30)
    /// For one file, whatever its size.
    private static let fileTimeout = TimeSpan.seconds(600)

    /// An answer with success, read whole.
    struct Answer {
        let body: ByteBuffer
        /// The hub's tag of the content, fit for a file name.
        let tag: String?
    }

    /// How one attempt failed.
    private enum Failure: Error {
        case transport(UpstreamError)
        case status(Int)
        case other(String)

        /// Whether another attempt may do.
        var isPassing: Bool {
            switch self {
            case .transport(let error): error != .cancelled && error != .tooLarge
            case .status(let status): status == 429 || status >= 500
            case .other: false
            }
        }
    }

    init(_ settings: HubSettings, loop: EventLoop, resolver: Resolver) throws(TokenizerError) {
        self.settings = settings
        self.loop = loop
        self.resolver = resolver
        do throws(TLSError) { tls = try TLSClientContext() } catch {
            throw TokenizerError(.downloadFailed, "no TLS: \(error)")
        }
    }

    func close() { for pool in pools.values { pool.shutDown() } }

    /// The content at `path` of the endpoint, at most `limit` bytes. `subject` says in errors what it is.
    func get(_ path: String, limit: Int, subject: String) async throws(TokenizerError) -> Answer {
        var pause = Self.pause
        for attempt in 1... {
            do throws(Failure) { return try await follow(path, limit) } catch {
                guard error.isPassing, attempt < Self.attempts else { throw explain(error, subject) }
                await loop.sleep(pause)
                pause = pause + pause
            }
        }
        preconditionFailure("the loop ends by returning or throwing")
    }

    private func follow(_ path: String, _ limit: Int) async throws(Failure) -> Answer {
        var url = settings.endpoint
        var path = url.pathPrefix + path
        var tag: String?
        for _ in 0...Self.maximumRedirections {
            let answer = try await fetch(url, path, limit)
            tag = tag ?? answer.tag
            guard let location = answer.location else {
                guard (200..<300).contains(answer.status) else { throw .status(answer.status) }
                return Answer(body: answer.body, tag: tag)
            }
            (url, path) = try resolve(location, from: url)
        }
        throw .other("redirects too often")
    }

    /// One answer of one server.
    private struct Step {
        let status: Int
        let body: ByteBuffer
        let tag: String?
        let location: String?
    }

    private func fetch(_ url: WorkerURL, _ path: String, _ limit: Int) async throws(Failure) -> Step {
        let hook = CancelHook()
        let timer = LoopTimer(firesAtEnd: true) { hook.cancel() }
        loop.arm(timer, after: Self.fileTimeout)
        defer { loop.remove(timer) }
        do throws(UpstreamError) {
            let exchange = try await pool(url).acquire(within: Self.stall, fresh: true, hook: hook)
            let head = requestHead(url, path)
            try await exchange.send(
                head: head.readable, body: UnsafeRawBufferPointer(start: nil, count: 0), method: .get, hook: hook)
            try await exchange.readHead(within: Self.stall, hook: hook)
            let status = exchange.head.status
            func field(_ name: StaticString) -> String? {
                let bytes = exchange.headBytes
                return exchange.head.headers.firstIndex(named: name, in: bytes).map {
                    exchange.head.headers.value(at: $0, in: bytes).string
                }
            }
            let tag = Self.tag(field("x-linked-etag") ?? field("etag"))
            let location = (300..<400).contains(status) ? field("location") : nil
            guard location != nil || (200..<300).contains(status) else {
                exchange.cancel()
                return Step(status: status, body: ByteBuffer(capacity: 0), tag: nil, location: nil)
            }
            let body = try await exchange.readBody(limit: limit, stall: Self.stall, hook: hook)
            return Step(status: status, body: body, tag: tag, location: location)
        } catch { throw .transport(error) }
    }

    private func pool(_ url: WorkerURL) -> UpstreamPool {
        if let pool = pools[url.origin] { return pool }
        var options = UpstreamOptions()
        options.tls = tls
        let origin = UpstreamOrigin(host: url.host, port: UInt16(url.port), isTLS: url.isTLS)
        let pool = UpstreamPool(loop: loop, origin: origin, options: options, resolver: resolver)
        pools[url.origin] = pool
        return pool
    }

    private func requestHead(_ url: WorkerURL, _ path: String) -> ByteBuffer {
        let head = ByteBuffer(capacity: 512)
        head.append(string: "GET \(path) HTTP/1.1\r\nHost: \(url.authority)\r\nUser-Agent: smg/\(SMGVersion.text)\r\n")
        head.append("Accept: */*\r\nAccept-Encoding: identity\r\n")
        // Only the hub itself may see the token, not where it sends us.
        if let token = settings.token, url.origin == settings.endpoint.origin {
            head.append(string: "Authorization: Bearer \(token.value)\r\n")
        }
        head.append("\r\n")
        return head
    }

    /// Where a Location leads.
    private func resolve(_ location: String, from url: WorkerURL) throws(Failure) -> (WorkerURL, String) {
        guard location.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { throw .other("redirects to no address") }
        let target = location.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)[0]
        if target.hasPrefix("/"), !target.hasPrefix("//") { return (url, String(target)) }
        guard let mark = target.utf8.firstRange(of: "://".utf8) else { throw .other("redirects to no address") }
        let end = target.utf8[mark.upperBound...].firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") }
        guard let next = try? WorkerURL(String(target[..<(end ?? target.endIndex)])) else {
            throw .other("redirects to no address")
        }
        // What was asked for in secret is not to be read on the way.
        guard next.isTLS || !url.isTLS else { throw .other("redirects from https to http") }
        let rest = end.map { String(target[$0...]) } ?? "/"
        return (next, rest.hasPrefix("/") ? rest : "/" + rest)
    }

    /// A tag without quotes and weakness; nil when it would be no file name.
    private static func tag(_ text: String?) -> String? {
        guard var text = text?.utf8[...] else { return nil }
        if text.starts(with: "W/".utf8) { text = text.dropFirst(2) }
        text = text.drop { $0 == UInt8(ascii: "\"") }
        while text.last == UInt8(ascii: "\"") { text = text.dropLast() }
        guard (8...128).contains(text.count), text.allSatisfy({ ASCII.hexValue($0) != nil }) else { return nil }
        return String(Substring(text))
    }

    private func explain(_ failure: Failure, _ subject: String) -> TokenizerError {
        let hub = settings.endpoint.origin
        switch failure {
        case .transport(let error): return TokenizerError(.downloadFailed, "\(subject) from \(hub): \(error)")
        case .status(401), .status(403):
            let advice = settings.token == nil ? "set HF_TOKEN if it needs an account" : "HF_TOKEN does not open it"
            return TokenizerError(.sourceNotFound, "\(hub) does not show \(subject); \(advice)")
        case .status(404): return TokenizerError(.sourceNotFound, "\(hub) has not got \(subject)")
        case .status(let status): return TokenizerError(.downloadFailed, "\(hub) answered \(status) to \(subject)")
        case .other(let reason): return TokenizerError(.downloadFailed, "\(subject): \(hub) \(reason)")
        }
    }
}
