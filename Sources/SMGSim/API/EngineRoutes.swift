internal import SMGBase
internal import SMGHTTP
internal import SMGJSON
internal import SMGProtocols

/// Answers one request: path, method, key, faults, then the endpoint.
struct EngineRoutes {
    let host: EngineHost
    let connection: EngineConnection

    func run() async {
        guard let path = EnginePath(connection.path) else {
            count("other")
            return fail(404, "There is no \(connection.path.string) here.", code: "not_found")
        }
        count(connection.path.string)
        guard path.allows(connection.head.method) else {
            return fail(405, "This path does not take that method.", code: "method_not_allowed")
        }
        if path.needsKey, !isAuthorised {
            return fail(401, "A valid API key is needed.", type: "authentication_error", code: "invalid_api_key")
        }
        if !path.isControl, host.faults.closeReused, connection.requestNumber > 1 {
            // Whoever comes back on this connection finds it closed: the race every pool has to survive.
            let plan = host.takeRequestFaults()
            host.stats.faults += 1
            return connection.cut(reset: plan.reset)
        }
        switch path {
        case .inference(let endpoint): await infer(endpoint)
        case .stats, .fault, .wait, .lastBody: await ControlAPI(host: host, connection: connection).run(path)
        default: await EngineInfo(host: host, connection: connection).run(path)
        }
    }

    private func count(_ path: String) {
        host.stats.requests[path, default: 0] += 1
        host.statsChanged()
    }

    /// `Authorization: Bearer KEY`.
    private var isAuthorised: Bool {
        guard let key = host.options.apiKey else { return true }
        guard let value = connection.header(.authorization), value.count > 7,
            value.slice(0..<7).equalsIgnoringCase("bearer ")
        else { return false }
        return Array(key.value.utf8).withUnsafeBytes { constantTimeEquals(value.slice(7..<value.count), $0) }
    }

    // MARK: - Inference

    private func infer(_ endpoint: Endpoint) async {
        host.stats.received += 1
        host.stats.active += 1
        host.stats.lastRequest = EngineStats.Request(head: connection.headBytes, body: connection.body)
        host.statsChanged()
        await inferWithFaults(endpoint)
        host.stats.active -= 1
        if connection.isClientGone { host.stats.cancelled += 1 }
    }

    private func inferWithFaults(_ endpoint: Endpoint) async {
        let plan = host.takeRequestFaults()
        let generation = host.faultGeneration
        guard await FaultPlayer(host: host, connection: connection, plan: plan).beforeAnswer(generation) else { return }
        do throws(RequestError) {
            let facts = try RequestFacts(endpoint: endpoint, body: connection.body, scan: host.scan)
            let request = EngineRequest(host: host, body: connection.body, facts: facts)
            let inference = Inference(
                host: host, connection: connection, request: request, plan: plan, generation: generation)
            await inference.run()
        } catch {
            host.stats.refused += 1
            host.scratch.clear()
            OpenAIErrorBody.append(error, to: host.scratch)
            connection.answer(status: 400, contentType: "application/json", host.scratch.readable)
        }
    }

    private func fail(
        _ status: Int, _ message: String, type: StaticString = "invalid_request_error", code: StaticString
    ) {
        EngineFailure(status: status, message: message, type: type, code: code).answer(on: connection, host.scratch)
    }
}

/// An error answer in OpenAI's form.
struct EngineFailure: Error {
    let status: Int
    let message: String
    var type: StaticString = "invalid_request_error"
    var parameter: String?
    let code: StaticString

    func answer(on connection: EngineConnection, _ scratch: ByteBuffer) {
        scratch.clear()
        OpenAIErrorBody.append(message: message, type: type, param: parameter, code: code, to: scratch)
        connection.answer(status: status, contentType: "application/json", scratch.readable)
    }
}
