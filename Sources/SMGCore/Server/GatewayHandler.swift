internal import SMGBase
internal import SMGConfig
internal import SMGHTTP
internal import SMGNet
internal import SMGProtocols

/// Answers every request of one loop: identity, preflight, route, key, then the endpoint.
final class GatewayHandler {
    private let context: LoopContext
    private let cors: CORSPolicy
    private let apiKey: [UInt8]?
    private let requestIDHeaders: [(KnownHeader, [UInt8])]
    private let admin: AdminAPI
    private let info: InfoAPI
    private let tokenization: TokenizationAPI
    private let tokenizers: TokenizerAPI
    private let parsing: ParseAPI
    private let lifecycle: Lifecycle

    init(context: LoopContext, lifecycle: Lifecycle) {
        self.context = context
        self.lifecycle = lifecycle
        let configuration = context.shared.configuration
        cors = CORSPolicy(origins: configuration.server.corsAllowedOrigins)
        apiKey = configuration.server.apiKey.map { Array($0.value.utf8) }
        requestIDHeaders = configuration.server.requestIDHeaders.map { name in
            let bytes = Array(name.lowercased().utf8)
            return (bytes.withUnsafeBytes { KnownHeader.recognise($0.baseAddress!, $0.count) }, bytes)
        }
        let reply = Reply(cors: cors)
        admin = AdminAPI(context: context, reply: reply)
        info = InfoAPI(context: context, reply: reply, lifecycle: lifecycle)
        tokenization = TokenizationAPI(context: context, reply: reply)
        tokenizers = TokenizerAPI(context: context, reply: reply)
        parsing = ParseAPI(context: context, reply: reply)
    }

    func handle(_ exchange: ServerExchange) async {
        let path = exchange.path
        if exchange.head.method == .post, let endpoint = Endpoint(path: path) {
            exchange.requestID = requestID(exchange, prefix: endpoint.idPrefix)
            guard isAuthorised(exchange) else { return refuseKey(exchange) }
            let pipeline = InferencePipeline(
                context, exchange, endpoint, cors: cors, ownsCredentials: apiKey != nil)
            await pipeline.run()
            return
        }
        exchange.requestID = requestID(exchange, prefix: "req-")
        if cors.answerPreflight(exchange) { return }
        guard let route = Route(path: path) else {
            return fail(exchange, GatewayError(.unknownURL, "There is no \(path.string) here."))
        }
        guard route.allows(exchange.head.method) else {
            return refuseMethod(exchange, route)
        }
        if route.needsKey, !isAuthorised(exchange) { return refuseKey(exchange) }
        switch route.part {
        case .info, .inference: await info.handle(route, exchange)
        case .fleet: await admin.handle(route, exchange)
        case .tokenization: await tokenization.handle(route, exchange)
        case .tokenizers: await tokenizers.handle(route, exchange)
        case .parsing: await parsing.handle(route, exchange)
        }
    }

    private func requestID(_ exchange: ServerExchange, prefix: StaticString) -> String {
        for (known, name) in requestIDHeaders {
            let index =
                known == .other
                ? name.withUnsafeBytes { exchange.head.headers.firstIndex(named: $0, in: exchange.headBytes) }
                : exchange.head.headers.firstIndex(of: known)
            guard let index else { continue }
            let value = exchange.head.headers.value(at: index, in: exchange.headBytes)
            guard value.count > 0, value.count <= GatewayHandler.longestRequestID else { continue }
            return value.string
        }
        return Identifier.random(prefix: prefix, using: &context.random)
    }

    /// Longer ids are replaced: they would be copied into every log line and worker request.
    private static let longestRequestID = 256

    /// `Authorization: Bearer KEY`, or Anthropic's `x-api-key: KEY`.
    private func isAuthorised(_ exchange: ServerExchange) -> Bool {
        guard let apiKey else { return true }
        return apiKey.withUnsafeBytes { key in
            if let value = exchange.header(.authorization), value.count > 7,
                value.slice(0..<7).equalsIgnoringCase("bearer ")
            {
                return constantTimeEquals(value.slice(7..<value.count), key)
            }
            guard let value = exchange.header(.xAPIKey) else { return false }
            return constantTimeEquals(value, key)
        }
    }

    private func refuseKey(_ exchange: ServerExchange) {
        fail(exchange, GatewayError(.invalidAPIKey, "A valid API key is needed: send 'Authorization: Bearer <key>'."))
    }

    private func refuseMethod(_ exchange: ServerExchange, _ route: Route) {
        let error = GatewayError(.methodNotAllowed, "This path takes \(route.methodList) only.")
        let body = ByteBuffer(capacity: 256)
        ErrorBody.append(error, to: body)
        exchange.respond(status: 405, contentType: "application/json", body: body.readable) { exchange in
            exchange.putHeader("allow", string: route.methodList)
            exchange.putHeader("x-smg-error-code", string: error.publicCode)
            exchange.putHeader("x-request-id", string: exchange.requestID)
            cors.putHeaders(on: exchange)
        }
    }

    private func fail(_ exchange: ServerExchange, _ error: GatewayError) {
        ErrorBody.respond(error, on: exchange, cors: cors)
    }
}
