internal import SMGBase
internal import SMGConfig
internal import SMGHTTP
internal import SMGJSON
internal import SMGNet

/// Changes and shows the fleet: workers, loads, caches.
final class AdminAPI {
    /// Bodies of admin requests are a worker's description at most.
    private static let bodyBytes = 1 << 20
    /// Workers asked at the same time when all are.
    private static let fanOut = 32
    private static let fanOutTimeout = TimeSpan.seconds(30)

    private let context: LoopContext
    private let reply: Reply

    init(context: LoopContext, reply: Reply) {
        self.context = context
        self.reply = reply
    }

    func handle(_ route: Route, _ exchange: ServerExchange) async {
        do throws(GatewayError) {
            switch (route, exchange.head.method) {
            case (.workers, .post): try await addWorker(exchange)
            case (.workers, _): listWorkers(exchange)
            case (.worker(let range), .delete): try removeWorker(exchange, try key(exchange, range))
            case (.worker(let range), _): try showWorker(exchange, try key(exchange, range))
            case (.loads, _): await loads(exchange)
            default: await flushCache(exchange)
            }
        } catch { reply.error(exchange, error) }
    }

    private func key(_ exchange: ServerExchange, _ range: Range<Int>) throws(GatewayError) -> String {
        guard let text = PercentCoding.decode(exchange.path.slice(range)) else {
            throw GatewayError(.invalidRequest, "The worker's name in the path is not valid percent-encoding.")
        }
        // A URL is also taken in any other spelling of the same place.
        if let url = try? WorkerURL(text) { return url.description }
        return text
    }

    // MARK: - Workers

    private func addWorker(_ exchange: ServerExchange) async throws(GatewayError) {
        let body = try await Reply.body(of: exchange, limit: AdminAPI.bodyBytes)
        let spec = try WorkerDescription.parse(body)
        let pending = try context.shared.fleet.add(spec)
        accepted(exchange, pending.id, spec.url.description, "Worker addition queued for background processing")
    }

    private func removeWorker(_ exchange: ServerExchange, _ key: String) throws(GatewayError) {
        guard let id = context.shared.fleet.remove(key) else {
            throw GatewayError(.workerNotFound, "There is no worker '\(key)'.")
        }
        accepted(exchange, id, key, "Worker removal queued for background processing")
    }

    private func accepted(_ exchange: ServerExchange, _ id: String, _ url: String, _ message: StaticString) {
        reply.json(exchange, status: 202, location: "/workers/\(id)") { writer in
            writer.beginObject()
            writer.key("status")
            writer.string("accepted")
            writer.key("worker_id")
            writer.string(id)
            writer.key("url")
            writer.string(url)
            writer.key("location")
            writer.string("/workers/\(id)")
            writer.key("message")
            writer.string(message)
            writer.endObject()
        }
    }

    private func listWorkers(_ exchange: ServerExchange) {
        let (workers, pending) = context.shared.registry.members
        reply.json(exchange) { writer in
            writer.beginObject()
            writer.key("workers")
            writer.beginArray()
            for worker in workers { WorkerDescription.write(worker, to: &writer) }
            for worker in pending { WorkerDescription.write(worker, to: &writer) }
            writer.endArray()
            writer.key("total")
            writer.int(workers.count + pending.count)
            writer.key("stats")
            writer.beginObject()
            writer.key("prefill_count")
            writer.int(0)
            writer.key("decode_count")
            writer.int(0)
            writer.key("regular_count")
            writer.int(workers.count + pending.count)
            writer.endObject()
            writer.endObject()
        }
    }

    private func showWorker(_ exchange: ServerExchange, _ key: String) throws(GatewayError) {
        if let worker = context.shared.registry.worker(key) {
            reply.json(exchange) { WorkerDescription.write(worker, to: &$0) }
        } else if let pending = context.shared.registry.pendingWorker(key) {
            reply.json(exchange) { WorkerDescription.write(pending, to: &$0) }
        } else {
            throw GatewayError(.workerNotFound, "There is no worker '\(key)'.")
        }
    }

    // MARK: - Asking all workers

    /// Asks every worker, at most `fanOut` at a time; answers in the workers' order.
    private func askAll(
        _ method: HTTPMethod, _ path: String
    ) async -> [(Worker, Result<WorkerClient.Answer, UpstreamError>)] {
        let workers = context.snapshot.workers
        let gathering = Gathering(count: workers.count)
        for _ in 0..<min(AdminAPI.fanOut, workers.count) {
            context.loop.spawn { [context] in
                while let index = gathering.next() {
                    let worker = workers[index]
                    do throws(UpstreamError) {
                        let answer = try await WorkerClient.fetch(
                            method, path, spec: worker.spec, from: context.pool(for: worker), loop: context.loop,
                            timeout: AdminAPI.fanOutTimeout)
                        gathering.finish(index, .success(answer))
                    } catch { gathering.finish(index, .failure(error)) }
                }
            }
        }
        await gathering.wait()
        return zip(workers, gathering.results).compactMap { worker, result in result.map { (worker, $0) } }
    }

    /// `load` is the sum of `num_tokens` over a worker's answer; −1 if it gave none.
    private func loads(_ exchange: ServerExchange) async {
        let answers = await askAll(.get, "/get_load")
        reply.json(exchange) { writer in
            writer.beginObject()
            writer.key("workers")
            writer.beginArray()
            for (worker, result) in answers {
                writer.beginObject()
                writer.key("worker")
                writer.string(worker.url.description)
                writer.key("load")
                writer.int((try? result.get()).flatMap(AdminAPI.tokens) ?? -1)
                writer.endObject()
            }
            writer.endArray()
            writer.endObject()
        }
    }

    private static func tokens(_ answer: WorkerClient.Answer) -> Int? {
        guard answer.isSuccess, let root = try? JSONSlice(parsing: answer.body.readable) else { return nil }
        if root.kind == .object { return root["num_tokens"]?.int64.map { Int($0) } }
        guard root.kind == .array else { return nil }
        var sum: Int64 = 0
        for entry in root.elements {
            guard let tokens = entry["num_tokens"]?.int64 else { return nil }
            sum = sum.addingReportingOverflow(tokens).partialValue
        }
        return Int(sum)
    }

    private func flushCache(_ exchange: ServerExchange) async {
        let answers = await askAll(.post, "/flush_cache")
        var failed: [(String, String)] = []
        var flushed: [String] = []
        for (worker, result) in answers {
            switch result {
            case .success(let answer) where answer.isSuccess: flushed.append(worker.url.description)
            case .success(let answer): failed.append((worker.url.description, "HTTP \(answer.status)"))
            case .failure(let error): failed.append((worker.url.description, error.description))
            }
        }
        reply.json(exchange, status: failed.isEmpty ? 200 : 206) { writer in
            writer.beginObject()
            writer.key("status")
            writer.string(failed.isEmpty ? "success" : "partial_success")
            writer.key("message")
            writer.string("Flushed the caches of \(flushed.count) of \(answers.count) workers")
            writer.key("workers_flushed")
            writer.int(flushed.count)
            if !failed.isEmpty {
                writer.key("successful")
                writer.beginArray()
                for url in flushed { writer.string(url) }
                writer.endArray()
                writer.key("failed")
                writer.beginArray()
                for (url, reason) in failed {
                    writer.beginObject()
                    writer.key("worker")
                    writer.string(url)
                    writer.key("error")
                    writer.string(reason)
                    writer.endObject()
                }
                writer.endArray()
            }
            writer.key("total_http_workers")
            writer.int(answers.count)
            writer.key("total_workers")
            writer.int(answers.count)
            writer.endObject()
        }
    }
}

/// Results of questions asked by several tasks of one loop.
private final class Gathering {
    private(set) var results: [Result<WorkerClient.Answer, UpstreamError>?]
    private var nextIndex = 0
    private var left: Int
    private var waiter: UnsafeContinuation<Void, Never>?

    init(count: Int) {
        results = Array(repeating: nil, count: count)
        left = count
    }

    func next() -> Int? {
        guard nextIndex < results.count else { return nil }
        defer { nextIndex += 1 }
        return nextIndex
    }

    func finish(_ index: Int, _ result: Result<WorkerClient.Answer, UpstreamError>) {
        results[index] = result
        left -= 1
        if left == 0 {
            waiter?.resume()
            waiter = nil
        }
    }

    func wait() async {
        if left > 0 { await withUnsafeContinuation { waiter = $0 } }
    }
}
