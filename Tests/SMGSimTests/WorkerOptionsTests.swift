import SMGBase
import SMGNet
import Testing

@testable import SMGSim

@Suite struct WorkerOptionsTests {
    private func engines(_ line: String) throws -> [SimulatedEngineOptions] {
        guard case .start(let engines, _) = try WorkerCommandLine.read(line.split(separator: " ").map(String.init))
        else { return [] }
        return engines
    }

    @Test func defaultsAreOneEngineOnAFreePort() throws {
        let engines = try engines("")
        #expect(engines.count == 1 && engines[0].address.description == "127.0.0.1:0")
        #expect(engines[0].faults == .none && engines[0].engine == EngineOptions() && engines[0].name == "")
    }

    @Test func severalEnginesOnPortsInARow() throws {
        let engines = try engines("--count 3 --port 9000 --host ::1 --name w --model m")
        #expect(engines.map(\.address.description) == ["[::1]:9000", "[::1]:9001", "[::1]:9002"])
        #expect(engines.map(\.name) == ["w-0", "w-1", "w-2"] && engines.allSatisfy { $0.model == "m" })
        #expect(Set(engines.map(\.seed)).count == 3)
        #expect(try self.engines("--count 2 --host localhost").map(\.address.port) == [0, 0])
        #expect(try self.engines("--unix-socket /tmp/x.sock")[0].address.isUnix)
    }

    @Test func everyOptionArrives() throws {
        let one = try engines(
            "--prefill-tokens-per-sec 8000 --decode-tokens-per-sec 62.5 --max-running 3 --max-queue 4 --kv-blocks 500 "
                + "--block-size 8 --api-key k --fault-count 9 --status 503 --error-rate 0.5 --error-status 502 "
                + "--delay-ms 5 --stall-before-head --slow-head-ms 2 --stall-after-tokens 1 --cut-after-tokens 2 "
                + "--cut-before-head --reset --malformed-head --length-mismatch --close-reused --drop-connections "
                + "--unhealthy")[0]
        #expect(one.engine.prefillTokensPerSecond == 8000 && one.engine.decodeTokensPerSecond == 62.5)
        #expect(one.engine.maxRunning == 3 && one.engine.maxQueue == 4)
        #expect(one.engine.kvBlocks == 500 && one.engine.blockSize == 8 && one.apiKey?.value == "k")
        var plan = FaultPlan()
        plan.count = 9
        plan.status = 503
        plan.errorRate = 0.5
        plan.errorStatus = 502
        plan.delay = .milliseconds(5)
        plan.stallBeforeHead = true
        plan.slowHead = .milliseconds(2)
        plan.stallAfterTokens = 1
        plan.cutAfterTokens = 2
        plan.cutBeforeHead = true
        plan.reset = true
        plan.malformedHead = true
        plan.lengthMismatch = true
        plan.closeReused = true
        plan.dropConnections = true
        plan.unhealthy = true
        #expect(one.faults == plan)
    }

    @Test(arguments: [
        ("--port 65535 --count 2", "--count: the ports from 65535 on do not reach for 2 workers"),
        ("--host example.com", "--host: must be an IP address or localhost"),
        ("--unix-socket /tmp/x --count 2", "--unix-socket: is for one worker, not 2"),
        ("--error-rate 2", "--error-rate: 2 is out of range, must be between 0 and 1"),
        ("--kv-block 2", "--kv-block: unknown option, did you mean --kv-blocks?"),
    ])
    func mistakesAreExplained(line: String, message: String) {
        do {
            _ = try engines(line)
            Issue.record("accepted")
        } catch { #expect("\(error)" == message) }
    }

    @Test func helpNamesEveryOption() throws {
        guard case .help = try WorkerCommandLine.read(["--bogus", "-h"]) else {
            Issue.record("no help")
            return
        }
        let text = WorkerCommandLine.help(width: 100)
        for row in WorkerOptions.table.rows { #expect(text.contains("--\(row.name)")) }
        #expect(text.contains("/sim/fault") && text.split(separator: "\n").allSatisfy { $0.count <= 120 })
    }
}
