internal import SMGBase
internal import SMGConfig
internal import SMGHTTP
internal import SMGJSON
internal import SMGNet
internal import SMGProtocols
internal import SMGRouting
internal import SMGTelemetry
internal import SMGTokenizer

/// One inference request from its head to the last byte of its answer: permit, body, choice of a worker, attempts, relay.
///
/// One object a request, on the loop of its connection; the parts are called in order by `run`.
final class InferencePipeline {
    /// The largest body of a failed attempt that is read to keep its connection; larger ones are cut.
    private static let discardedBodyBytes = 64 << 10

    let context: LoopContext
    let exchange: ServerExchange
    let endpoint: Endpoint
    private let hook = CancelHook()
    let cors: CORSPolicy
    private let ownsCredentials: Bool
    private var body = UnsafeRawBufferPointer(start: nil, count: 0)
    var pool: ModelPool!
    /// The prompt as ids, where routing goes by them.
    private var tokens: ByteBuffer?
    private var tried = TriedWorkers()
    private var isStreaming = false
    let deadline: Instant
    /// The answer was begun and could not be finished.
    var brokeOff = false
    /// The worker whose answer the client got.
    var servedBy: Worker?
    /// Why the last attempt failed, if it has no answer to relay.
    private var lastError: GatewayError?

    var shared: GatewayShared { context.shared }
    var loop: EventLoop { context.loop }

    init(
        _ context: LoopContext, _ exchange: ServerExchange, _ endpoint: Endpoint, cors: CORSPolicy,
        ownsCredentials: Bool
    ) {
        self.context = context
        self.exchange = exchange
        self.endpoint = endpoint
        self.cors = cors
        self.ownsCredentials = ownsCredentials
        deadline = exchange.receivedAt + context.shared.configuration.timeouts.request
    }

    func run() async {
        let route = context.metrics.route(endpoint)
        do throws(GatewayError) {
            watchClient()
            let permit = shared.limiter.isEnabled ? try await admit() : AdmissionPermit()
            body = try await readBody()
            if shared.configuration.tokenization.routesOnTokens { tokens = await promptTokens() }
            watchClient()
            try await attempt(route)
            _ = consume permit
        } catch {
            fail(error)
        }
        finish(route)
    }

    /// While something is awaited, a client that leaves ends the wait.
    private func watchClient() {
        exchange.onClientGone = { [hook] in hook.cancel() }
        if exchange.isClientGone { hook.cancel() }
    }

    private func finish(_ route: LoopMetrics.RouteSeries) {
        let cells = context.metrics.cells
        if exchange.isClientGone, !exchange.isResponseFinished, !brokeOff {
            cells.add(route.clientsGone)
            logAnswer(.debug, "client left")
            return
        }
        logAnswer(exchange.status >= 500 ? .warn : .debug, "answered")
        cells.add(route.status(exchange.status))
        if exchange.status < 400, !brokeOff { cells.add(route.success) }
        if let pool {
            let series = context.metrics.model(pool, endpoint)
            cells.observe(isStreaming ? series.streamed : series.plain, Instant.now() - exchange.receivedAt)
        }
    }

    private func logAnswer(_ level: SMGTelemetry.LogLevel, _ message: String) {
        shared.log.log(level, "request", message) { fields in
            fields.field("request_id", exchange.requestID)
            fields.field("path", endpoint.path)
            fields.field("model", pool?.model ?? "")
            fields.field("status", exchange.status)
            fields.field("duration", Instant.now() - exchange.receivedAt)
            fields.field("worker", servedBy?.url.description ?? "")
            fields.field("bytes", exchange.responseBodyBytes)
        }
    }

    // MARK: - Before the first attempt

    private func admit() async throws(GatewayError) -> AdmissionPermit {
        do throws(AdmissionRefusal) {
            return try await shared.limiter.admit(on: loop) { waiter in hook.action = { waiter.cancel() } }
        } catch {
            hook.action = nil
            switch error {
            case .full:
                context.metrics.limited("queue_full")
                throw GatewayError(
                    .queueFull,
                    "Too many requests: all \(shared.limiter.maxConcurrent) slots are taken and the queue is full.")
            case .timedOut:
                context.metrics.limited("queue_timeout")
                throw GatewayError(.queueTimeout, "The request waited too long for a free slot.")
            case .cancelled: throw GatewayError(.requestBodyBroken, "The client left.")
            }
        }
    }

    private func readBody() async throws(GatewayError) -> UnsafeRawBufferPointer {
        let limit = shared.configuration.server.maximumBodyBytes
        do throws(RequestBodyError) { return try await exchange.readBody(limit: limit) } catch {
            throw GatewayError(body: error, limit: limit)
        }
    }

    /// Reads what routing needs from the body; leaves the scan and the prompt text in the loop's scratch space.
    /// Nothing may suspend between this and the selection.
    private func inspectBody() throws(GatewayError) {
        let facts: RequestFacts
        do throws(RequestError) {
            facts = try RequestFacts(endpoint: endpoint, body: body, scan: context.scan)
        } catch {
            throw GatewayError(
                .invalidRequest, error.message, param: error.parameter?.rawValue, detailCode: "\(error.code)")
        }
        isStreaming = facts.stream
        let snapshot = context.snapshot
        let model = facts.model(in: body)
        guard let found = snapshot.pool(for: model) else {
            throw GatewayError(
                .modelNotFound, "No worker serves the model '\(model?.string ?? "")'.", param: "model")
        }
        pool = found
        context.prompt.clear()
        guard found.policy.kind.usesPrompt else { return }
        if let tokens { return context.prompt.append(tokens.readable) }
        PromptText.append(
            endpoint, scan: context.scan, body: body, to: context.prompt, limit: RoutingLimits.promptBytes)
    }

    /// Nil where ids cannot be had: routing goes by text then.
    private func promptTokens() async -> ByteBuffer? {
        guard let request = try? JSONSlice(parsing: body),
            let tokenizer = try? TokenizerChoice(context).tokenizer(for: request["model"]),
            let prompt = PromptTokens(endpoint, request, tokenizer)
        else { return nil }
        let made = try? await shared.pool.run(bytes: body.count) { () throws(GatewayError) in
            HandedOver(try? prompt.bytes())
        }
        return made?.value
    }

    private func select() -> Worker? {
        let metrics = context.metrics
        // A worker whose breaker is half-open admits one probe; when another request is it, the next is chosen.
        for _ in 0...RoutingLimits.triedWorkers {
            guard
                let selection = pool.policy.select(
                    from: pool.set, prompt: context.prompt.readable, excluding: tried, allowRepeat: true,
                    random: &context.random),
                let worker = pool.worker(for: selection.slot)
            else { return nil }
            guard worker.admit(now: loop.now) else {
                tried.insert(selection.slot)
                continue
            }
            let policy = pool.policy.kind
            metrics.cells.add(metrics.decision(policy.rawValue, worker))
            metrics.cells.add(metrics.reason(policy.rawValue, selection.reason.rawValue, selection.reason.label))
            if policy == .cacheAware {
                metrics.cells.add(selection.reason == .cacheHit ? metrics.cacheHits : metrics.cacheMisses)
            }
            return worker
        }
        return nil
    }

    // MARK: - Attempts

    /// What came of one attempt.
    private enum Attempt {
        /// The client has its answer, or is gone.
        case done
        /// Worth another try.
        case retry
    }

    private func attempt(_ route: LoopMetrics.RouteSeries) async throws(GatewayError) {
        var number = 0
        while true {
            try inspectBody()
            guard let worker = select() else { throw noWorker() }
            let lease = InFlightLease(worker.slot)
            let outcome = await send(to: worker, isLast: number + 1 >= shared.retry.maxAttempts)
            _ = consume lease
            number += 1
            if case .done = outcome { return }
            if hook.isCancelled || exchange.isClientGone { return }
            tried.insert(worker.slot)
            guard number < shared.retry.maxAttempts, loop.now < deadline else {
                context.metrics.cells.add(route.exhausted)
                throw exhausted()
            }
            context.metrics.cells.add(route.retries)
            await pause(shared.retry.backoff(retry: number - 1, using: &context.random))
            if hook.isCancelled { return }
        }
    }

    private func pause(_ span: TimeSpan) async {
        await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
            var waiting: UnsafeContinuation<Void, Never>? = continuation
            let resume = {
                waiting?.resume()
                waiting = nil
            }
            let timer = LoopTimer(firesAtEnd: true, resume)
            hook.action = { [loop] in
                loop.remove(timer)
                resume()
            }
            loop.arm(timer, after: span)
        }
        hook.action = nil
    }

    /// No attempt is left. When no worker could even be connected to, the service as a whole is unavailable.
    private func exhausted() -> GatewayError {
        guard let lastError else { return noWorker() }
        guard lastError.code == .workerConnectFailed, tried.count >= pool.workers.count else { return lastError }
        return GatewayError(.noAvailableWorkers, "No worker could be reached. \(lastError.message)")
    }

    private func noWorker() -> GatewayError {
        if pool.workers.isEmpty {
            return GatewayError(
                .noWorkers, "No worker is registered\(pool.model.isEmpty ? "" : " for the model '\(pool.model)'").")
        }
        let open = pool.workers.count { $0.breakerPhase != .closed }
        let unhealthy = pool.workers.count { !$0.isHealthy }
        return GatewayError(
            .noAvailableWorkers,
            "None of \(pool.workers.count) workers is available: \(unhealthy) not healthy, \(open) with an open circuit breaker."
        )
    }

    /// One attempt at one worker. A connection that was kept too long gets a second, fresh one without ado.
    private func send(to worker: Worker, isLast: Bool) async -> Attempt {
        var fresh = false
        while true {
            let upstream: UpstreamExchange
            let pool = context.pool(for: worker)
            if !fresh, let ready = pool.takeReady() {
                upstream = ready
            } else {
                do throws(UpstreamError) {
                    upstream = try await pool.acquire(
                        within: remaining(shared.configuration.timeouts.connect), fresh: fresh, hook: hook)
                } catch { return attemptFailed(worker, error) }
            }
            do throws(UpstreamError) {
                try await exchangeHeads(upstream, worker)
            } catch {
                if case .noAnswer = error, upstream.isReused, !fresh, !hook.isCancelled {
                    fresh = true
                    continue
                }
                return attemptFailed(worker, error)
            }
            return await answer(upstream, worker, isLast: isLast)
        }
    }

    private func remaining(_ span: TimeSpan) -> TimeSpan { max(.milliseconds(1), min(span, deadline - loop.now)) }

    private func exchangeHeads(_ upstream: UpstreamExchange, _ worker: Worker) async throws(UpstreamError) {
        let head = loop.buffers.take()
        defer { loop.buffers.give(head) }
        UpstreamHead.append(
            worker, endpoint, from: exchange, bodyBytes: body.count, ownsCredentials: ownsCredentials, to: head)
        try await upstream.send(head: head.readable, body: body, method: .post, hook: hook)
        try await upstream.readHead(within: remaining(shared.configuration.timeouts.firstByte), hook: hook)
    }

    private func answer(_ upstream: UpstreamExchange, _ worker: Worker, isLast: Bool) async -> Attempt {
        let status = upstream.head.status
        // 501 says what the engine cannot do at all: not that it is ill.
        if status >= 500, status != 501 {
            blame(worker)
            count("http_\(status)", of: worker)
        } else {
            worker.recordSuccess(now: loop.now)
        }
        if !isLast, RetryPolicy.isRetryable(status: status) {
            lastError = nil
            _ = try? await upstream.readBody(
                limit: InferencePipeline.discardedBodyBytes, stall: .seconds(1), hook: hook)
            return .retry
        }
        await relay(upstream, worker)
        return .done
    }

    private func attemptFailed(_ worker: Worker, _ error: UpstreamError) -> Attempt {
        if hook.isCancelled || error == .cancelled {
            worker.recordAbandoned(now: loop.now)
            return .done
        }
        switch error {
        case .poolExhausted: worker.recordAbandoned(now: loop.now)
        default: blame(worker)
        }
        if case .connect = error { shared.fleet.suspect(worker) }
        count(error.code, of: worker)
        lastError = GatewayError(upstream: error, worker: worker)
        shared.log.warn("gateway", "attempt failed") { fields in
            fields.field("worker", worker.url.description)
            fields.field("error", error.code)
            fields.field("request_id", exchange.requestID)
        }
        // A worker that has the request and says nothing may be at work on it: another attempt would double the load.
        if error == .firstByteTimeout {
            fail(lastError!)
            return .done
        }
        return .retry
    }

    /// The worker failed this request. A breaker that opens by that is looked at again when its time is over.
    func blame(_ worker: Worker) {
        guard let reopensAt = worker.recordFailure(now: loop.now) else { return }
        let timer = LoopTimer { [loop] in worker.refresh(now: loop.now) }
        loop.arm(timer, after: reopensAt - loop.now)
    }

    /// A worker that was forgotten meanwhile has no series any more, and shall get none that nobody removes.
    func count(_ code: String, of worker: Worker) {
        guard context.snapshot.workers.contains(where: { $0 === worker }) else { return }
        context.metrics.upstreamError(worker, code)
    }

    func fail(_ error: GatewayError) {
        if exchange.isResponseBegun { return exchange.abort() }
        context.metrics.error(endpoint, error.publicCode)
        guard !exchange.isClientGone else { return }
        ErrorBody.respond(error, on: exchange, cors: cors)
    }
}
