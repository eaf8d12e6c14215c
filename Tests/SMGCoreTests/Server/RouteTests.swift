import SMGHTTP
import SMGProtocols
import Testing

@testable import SMGCore

@Suite struct RouteTests {
    static func route(_ path: String) -> Route? { Array(path.utf8).withUnsafeBytes { Route(path: $0) } }

    struct Row: Sendable {
        let path: String
        let route: Route
        let methods: String
        let needsKey: Bool
        init(_ path: String, _ route: Route, _ methods: String, key: Bool = false) {
            (self.path, self.route, self.methods, needsKey) = (path, route, methods, key)
        }
    }

    static let table = [
        Row("/health", .liveness, "GET, HEAD"), Row("/liveness", .liveness, "GET, HEAD"),
        Row("/readiness", .readiness, "GET, HEAD"), Row("/health_generate", .healthGenerate, "GET, HEAD"),
        Row("/v1/models", .models, "GET, HEAD"), Row("/get_model_info", .modelInfo, "GET, HEAD"),
        Row("/model_info", .modelInfo, "GET, HEAD"), Row("/get_server_info", .serverInfo, "GET, HEAD"),
        Row("/server_info", .serverInfo, "GET, HEAD"), Row("/get_loads", .loads, "GET", key: true),
        Row("/flush_cache", .flushCache, "POST", key: true), Row("/workers", .workers, "GET, POST", key: true),
        Row("/workers/x", .worker(9..<10), "GET, DELETE", key: true),
        Row("/workers/http%3A%2F%2Fw%3A80", .worker(9..<28), "GET, DELETE", key: true),
        Row("/workers/http://w:80", .worker(9..<20), "GET, DELETE", key: true),
        Row("/generate", .inference, "POST", key: true), Row("/v1/chat/completions", .inference, "POST", key: true),
        Row("/v1/completions", .inference, "POST", key: true), Row("/v1/embeddings", .inference, "POST", key: true),
        Row("/v1/classify", .inference, "POST", key: true), Row("/rerank", .inference, "POST", key: true),
        Row("/v1/rerank", .inference, "POST", key: true), Row("/v1/responses", .inference, "POST", key: true),
        Row("/v1/messages", .inference, "POST", key: true),
    ]

    @Test func everyPathAndMethod() throws {
        let names = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"]
        for row in Self.table {
            let route = try #require(Self.route(row.path), "\(row.path)")
            #expect(route == row.route)
            #expect(route.methodList == row.methods)
            #expect(route.needsKey == row.needsKey, "\(row.path)")
            let allowed = Set(row.methods.split(separator: ", ").map(String.init))
            for name in names {
                let method = Array(name.utf8).withUnsafeBytes { HTTPMethod.recognise($0.baseAddress!, $0.count) }
                #expect(route.allows(method) == allowed.contains(name), "\(name) \(row.path)")
            }
        }
        #expect(Endpoint.allCases.allSatisfy { endpoint in Self.table.contains { $0.path == "\(endpoint.path)" } })
    }

    @Test(arguments: [
        "", "/", "/healthz", "/Health", "/health/", "/v1", "/v1/", "/v1/models/", "/v1/models/x", "/workers/",
        "/worker",
        "/add_worker", "/list_workers", "/generate/", "health", "//health", "/v1/chat/completions/x",
    ]) func otherPathsAreNone(path: String) {
        #expect(Self.route(path) == nil)
    }
}
