import SMGBase
import Testing

@testable import SMGProtocols

@Suite struct EndpointTests {
    @Test(arguments: Endpoint.allCases)
    func isFoundByItsPath(endpoint: Endpoint) {
        #expect(withBytes("\(endpoint.path)") { Endpoint(path: $0) } == endpoint)
        #expect(withBytes("\(endpoint.path)/") { Endpoint(path: $0) } == nil)
        let expected = endpoint == .rerank ? "/v1/rerank" : "\(endpoint.path)"
        #expect("\(endpoint.upstreamPath)" == expected)
    }

    @Test func prefixesIds() {
        let prefixes = Endpoint.allCases.map { "\($0.idPrefix)" }
        #expect(prefixes == ["gnt-", "chatcmpl-", "cmpl-", "req-", "req-", "req-", "req-", "resp-", "req-"])
    }

    @Test(arguments: ["", "/", "/v1", "/V1/completions", "/v1/chat/completions?x=1", "/health"])
    func ignoresOtherPaths(path: String) {
        #expect(withBytes(path) { Endpoint(path: $0) } == nil)
    }
}

/// Runs `body` over the bytes of `text`.
func withBytes<R>(_ text: String, _ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try Array(text.utf8).withUnsafeBytes(body)
}
