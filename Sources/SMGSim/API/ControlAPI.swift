internal import SMGBase
internal import SMGHTTP
internal import SMGJSON
internal import SMGNet

/// `/sim/…`: what the simulation has seen, and how it shall misbehave. For tests: no keys, no faults, no tokens.
struct ControlAPI {
    /// How long `/sim/wait` waits unless told otherwise, and at most.
    private static let waitMilliseconds = 5000
    private static let longestWaitMilliseconds = 600_000

    let host: EngineHost
    let connection: EngineConnection

    func run(_ path: EnginePath) async {
        switch path {
        case .stats: answerStats(200)
        case .fault: connection.head.method == .post ? setFaults() : answerFaults()
        case .wait: await wait()
        case .lastBody: lastBody()
        default: break
        }
    }

    private func answerStats(_ status: Int) {
        let stats = host.currentStats
        json(status) { stats.write(to: &$0) }
    }

    private func json(_ status: Int, _ write: (inout JSONWriter) -> Void) {
        host.scratch.clear()
        var writer = JSONWriter(host.scratch)
        write(&writer)
        connection.answer(status: status, contentType: "application/json", host.scratch.readable)
    }

    private func answerFaults() { json(200) { host.faults.write(to: &$0) } }

    private func setFaults() {
        do {
            host.setFaults(try FaultPlan(json: JSONSlice(parsing: connection.body)))
            answerFaults()
        } catch let error as FaultPlanError {
            fail("\(error)")
        } catch { fail("The fault plan is not valid JSON.") }
    }

    private func fail(_ message: String) {
        EngineFailure(status: 400, message: message, code: "invalid_fault").answer(on: connection, host.scratch)
    }

    private func lastBody() {
        let body = host.stats.lastRequest?.body ?? []
        body.withUnsafeBytes { connection.answer(status: 200, contentType: "application/octet-stream", $0) }
    }

    /// `/sim/wait?cancelled=1&active=0&timeout_ms=5000`: answers with the counters once each named one has at least
    /// the value; `name=0` means exactly none. 408 with the counters of then when the time is up.
    private func wait() async {
        var goals: [(name: String, value: Int)] = []
        var timeout = Self.waitMilliseconds
        for pair in connection.query.string.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, let value = Int(parts[1]), value >= 0 else {
                return fail("'\(pair)' is not name=number.")
            }
            let name = String(parts[0])
            if name == "timeout_ms" {
                timeout = min(value, Self.longestWaitMilliseconds)
            } else if host.stats.counter(name) != nil {
                goals.append((name, value))
            } else {
                return fail("There is no counter '\(name)'.")
            }
        }
        let met = await wait(for: goals, until: host.loop.now + .milliseconds(timeout))
        if !connection.isOver { answerStats(met ? 200 : 408) }
    }

    private func wait(for goals: [(name: String, value: Int)], until deadline: Instant) async -> Bool {
        var isMet = false
        let watcher = EngineHost.Watcher { stats in
            goals.allSatisfy { goal in
                let value = stats.counter(goal.name) ?? 0
                return goal.value == 0 ? value == 0 : value >= goal.value
            }
        } notify: {
            isMet = true
            connection.wake()
        }
        host.watch(watcher)
        while !isMet, host.loop.now < deadline { guard await connection.pause(until: deadline) else { break } }
        host.unwatch(watcher)
        return isMet
    }
}
