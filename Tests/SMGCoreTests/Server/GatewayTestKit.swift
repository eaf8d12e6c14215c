import SMGBase
import SMGConfig
import SMGNet
import SMGRouting
import SMGTelemetry
import Testing

@testable import SMGCore

/// Bodies of chat requests.
enum Chat {
    static let plain = body()
    static let streamed = body(and: ",\"stream\":true")

    static func body(model: String = "m", and more: String = "") -> String {
        #"{"model":"\#(model)","messages":[{"role":"user","content":"hi"}]\#(more)}"#
    }
}

/// A running gateway and the loop its clients and workers live on.
struct GatewayFixture: Sendable {
    let gateway: Gateway
    let loop: EventLoop

    /// One request to the gateway.
    func fetch(_ method: String, _ path: String, _ fields: [String] = [], body: String? = nil) async -> Reply? {
        await gateway.address.fetch(loop, method, path, fields, body: body)
    }

    /// A chat request.
    func chat(_ body: String = Chat.plain, fields: [String] = []) async -> Reply? {
        await fetch("POST", "/v1/chat/completions", ["content-type: application/json"] + fields, body: body)
    }

    func connect() async throws -> ClientConnection { try await ClientConnection(to: gateway.address, on: loop) }

    /// Waits until that many workers can be routed to.
    func workersReady(_ count: Int, sourceLocation: SourceLocation = #_sourceLocation) async {
        await eventually(loop, "\(count) workers are ready", sourceLocation: sourceLocation) {
            gateway.registry.snapshot.all.set.availableCount == count
        }
    }
}

/// Starts a gateway for `workers` with further `options` (members of the configuration document), waits until the
/// workers are registered, and ends it after `body`, which stops it itself unless `stops`.
func withGateway(
    _ loop: EventLoop, _ workers: [ScriptedWorker], _ options: String = "", eventLoops: Int = 2, stops: Bool = true,
    _ body: @Sendable (GatewayFixture) async throws -> Void
) async throws {
    let urls = workers.map { "\"\($0.url)\"" }.joined(separator: ",")
    let document = """
        {"host":"127.0.0.1","port":0,"prometheus_host":"127.0.0.1","prometheus_port":0,"event_loops":\(eventLoops),
         "retry_initial_backoff_ms":1,"worker_urls":[\(urls)]\(options.isEmpty ? "" : "," + options)}
        """
    let configuration = try GatewayConfiguration(json: Array(document.utf8))
    let gateway = try await Gateway.start(configuration, log: .disabled)
    let fixture = GatewayFixture(gateway: gateway, loop: loop)
    await fixture.workersReady(workers.count)
    let outcome: Result<Void, any Error>
    do { outcome = .success(try await body(fixture)) } catch { outcome = .failure(error) }
    if stops { await gateway.stop(grace: .seconds(2)) }
    gateway.close()
    try outcome.get()
}
