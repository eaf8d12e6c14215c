internal import SMGBase
internal import SMGHTTP

/// Which web pages may read answers. Costs nothing for clients that are no browsers: they send no Origin.
struct CORSPolicy: Sendable {
    /// Empty allows every origin.
    private let origins: [[UInt8]]
    /// How long a browser may remember a preflight's answer.
    private static let maxAgeSeconds: StaticString = "3600"

    init(origins: [String]) { self.origins = origins.map { Array($0.utf8) } }

    private func allows(_ origin: UnsafeRawBufferPointer) -> Bool {
        origins.isEmpty || origins.contains { $0.elementsEqual(origin) }
    }

    /// The fields of an ordinary answer.
    func putHeaders(on exchange: ServerExchange) {
        // With a list the answer depends on who asks: a cache must know that of every answer, also of those without.
        if !origins.isEmpty { exchange.putHeader("vary", "origin") }
        guard let origin = exchange.header(.origin), allows(origin) else { return }
        if origins.isEmpty {
            exchange.putHeader("access-control-allow-origin", "*")
        } else {
            exchange.putHeader("access-control-allow-origin", origin)
        }
        exchange.putHeader("access-control-expose-headers", "x-request-id, x-smg-error-code, retry-after")
    }

    /// Answers a preflight; false if the request is none.
    func answerPreflight(_ exchange: ServerExchange) -> Bool {
        guard exchange.head.method == .options, exchange.header(.origin) != nil,
            exchange.header(.accessControlRequestMethod) != nil
        else { return false }
        exchange.beginHead(status: 204)
        putHeaders(on: exchange)
        exchange.putHeader("access-control-allow-methods", "GET, POST, PUT, PATCH, DELETE, OPTIONS")
        if let wanted = exchange.header(.accessControlRequestHeaders) {
            exchange.putHeader("access-control-allow-headers", wanted)
        }
        exchange.putHeader("access-control-max-age", CORSPolicy.maxAgeSeconds)
        exchange.endHead(.none)
        exchange.finish()
        exchange.flush()
        return true
    }
}
