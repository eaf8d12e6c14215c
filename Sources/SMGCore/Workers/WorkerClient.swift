internal import SMGBase
internal import SMGConfig
internal import SMGHTTP
internal import SMGJSON
internal import SMGNet

/// The gateway's own small requests to one worker: health, metadata, loads, cache flush.
final class WorkerClient {
    /// Answers to the gateway's own questions are small; a model list of hundreds of entries fits.
    private static let answerBytes = 4 << 20
    /// For metadata, which no request waits for.
    private static let metadataTimeout = TimeSpan.seconds(10)

    private let loop: EventLoop
    private let spec: WorkerSpec
    private let pool: UpstreamPool

    init(loop: EventLoop, spec: WorkerSpec, options: UpstreamOptions, resolver: Resolver) {
        self.loop = loop
        self.spec = spec
        let url = spec.url
        let origin = UpstreamOrigin(host: url.host, port: UInt16(url.port), isTLS: url.isTLS)
        pool = UpstreamPool(loop: loop, origin: origin, options: options, resolver: resolver)
    }

    func close() { pool.shutDown() }

    /// An answer read whole.
    struct Answer {
        let status: Int
        let contentType: String
        let body: ByteBuffer
        var isSuccess: Bool { (200..<300).contains(status) }
    }

    /// One request, one answer. A stale connection is replaced once.
    func fetch(_ method: HTTPMethod, _ path: String, timeout: TimeSpan) async throws(UpstreamError) -> Answer {
        try await WorkerClient.fetch(method, path, spec: spec, from: pool, loop: loop, timeout: timeout)
    }

    static func fetch(
        _ method: HTTPMethod, _ path: String, spec: WorkerSpec, from pool: UpstreamPool, loop: EventLoop,
        timeout: TimeSpan
    ) async throws(UpstreamError) -> Answer {
        let hook = CancelHook()
        let limit = LoopTimer(firesAtEnd: true) { hook.cancel() }
        loop.arm(limit, after: timeout)
        defer { loop.remove(limit) }
        var fresh = false
        while true {
            do throws(UpstreamError) {
                let exchange = try await pool.acquire(within: timeout, fresh: fresh, hook: hook)
                do throws(UpstreamError) {
                    let head = ByteBuffer(capacity: 256)
                    Worker.appendHead("\(method.text)", path, spec, to: head)
                    try await exchange.send(
                        head: head.readable, body: UnsafeRawBufferPointer(start: nil, count: 0), method: method,
                        hook: hook)
                    try await exchange.readHead(within: timeout, hook: hook)
                } catch {
                    if case .noAnswer = error, exchange.isReused, !fresh, !hook.isCancelled {
                        fresh = true
                        continue
                    }
                    throw error
                }
                let status = exchange.head.status
                let type = exchange.head.headers.value(.contentType, in: exchange.headBytes)?.string ?? ""
                let body = try await exchange.readBody(limit: answerBytes, stall: timeout, hook: hook)
                return Answer(status: status, contentType: type, body: body)
            } catch {
                throw error == .cancelled ? .firstByteTimeout : error
            }
        }
    }

    /// Nil if the worker answers `path` with 2xx in time, else what is wrong.
    func check(path: String, timeout: TimeSpan) async -> String? {
        do throws(UpstreamError) {
            let answer = try await fetch(.get, path, timeout: timeout)
            return answer.isSuccess ? nil : "\(path) answered \(answer.status)"
        } catch { return error.description }
    }

    // MARK: - Discovery

    /// Asks the worker what it is: fills labels that are not set yet and returns the model's name, "unknown" if the worker
    /// does not say. SGLang's own endpoints are asked first, then the OpenAI model list, which every engine has.
    func discover(into spec: inout WorkerSpec) async -> String {
        if let answer = try? await fetch(.get, "/server_info", timeout: WorkerClient.metadataTimeout), answer.isSuccess
        {
            WorkerClient.copy(["model_path", "served_model_name"], from: answer.body, to: &spec)
        }
        if let answer = try? await fetch(.get, "/model_info", timeout: WorkerClient.metadataTimeout), answer.isSuccess {
            WorkerClient.copy(["model_type", "model_path"], from: answer.body, to: &spec)
        }
        if let model = spec.modelID ?? spec.labels["served_model_name"] { return model }
        if let answer = try? await fetch(.get, "/v1/models", timeout: WorkerClient.metadataTimeout), answer.isSuccess,
            let model = WorkerClient.firstModel(answer.body)
        {
            return model
        }
        return spec.labels["model_path"] ?? "unknown"
    }

    private static func copy(_ keys: [String], from body: ByteBuffer, to spec: inout WorkerSpec) {
        guard let root = try? JSONSlice(parsing: body.readable), root.kind == .object else { return }
        for (key, value) in root.members {
            let name = key.string
            guard keys.contains(name), spec.labels[name] == nil, let text = value.string, !text.isEmpty else {
                continue
            }
            spec.labels[name] = text
        }
    }

    private static func firstModel(_ body: ByteBuffer) -> String? {
        guard let root = try? JSONSlice(parsing: body.readable), let data = root["data"], data.kind == .array else {
            return nil
        }
        for entry in data.elements { if let id = entry["id"]?.string { return id } }
        return nil
    }
}
