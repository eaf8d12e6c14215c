internal import SMGBase
internal import SMGHTTP
internal import SMGNet

/// Plays the faults of one request that come before its answer.
struct FaultPlayer {
    let host: EngineHost
    let connection: EngineConnection
    let plan: FaultPlan

    /// Plays what `plan` says; false when the request has been dealt with. Stalls end when the plan of `generation` is
    /// replaced.
    func beforeAnswer(_ generation: Int) async -> Bool {
        if plan.delay > .zero {
            host.stats.faults += 1
            let deadline = host.loop.now + plan.delay
            while host.loop.now < deadline { guard await connection.pause(until: deadline) else { return false } }
        }
        if plan.stallBeforeHead {
            host.stats.faults += 1
            host.statsChanged()
            while host.faultGeneration == generation { guard await connection.pause(until: nil) else { return false } }
        }
        if plan.cutBeforeHead {
            host.stats.faults += 1
            connection.cut(reset: plan.reset)
            return false
        }
        if plan.malformedHead {
            host.stats.faults += 1
            connection.sendRaw("HTTP/1.1 twohundred OK\r\nno colon here\r\n\r\n")
            connection.cut(reset: plan.reset)
            return false
        }
        if let status = plan.status {
            await fail(status)
            return false
        }
        if host.rollsError(plan.errorRate) {
            await fail(plan.errorStatus)
            return false
        }
        return true
    }

    private func fail(_ status: Int) async {
        host.stats.faults += 1
        if plan.slowHead > .zero {
            connection.beginAnswer(status: status, contentType: "application/json", length: 0)
            await connection.dribble(plan.slowHead)
            return
        }
        let type: StaticString = status < 500 ? "invalid_request_error" : "server_error"
        EngineFailure(status: status, message: "This failure was asked for.", type: type, code: "simulated_failure")
            .answer(on: connection, host.scratch)
    }
}
