import SMGBase
import Testing

@testable import SMGSim

@Suite struct EngineModelTests {
    private let start = Instant(nanoseconds: 0)
    private func at(_ milliseconds: Int) -> Instant { start + .milliseconds(milliseconds) }

    private func model(_ change: (inout EngineOptions) -> Void = { _ in }) -> SharedModel {
        var options = EngineOptions()
        options.prefillTokensPerSecond = 1000
        options.decodeTokensPerSecond = 100
        change(&options)
        return SharedModel(options)
    }

    private func admitted(_ submission: EngineModel.Submission) throws -> (id: Int, schedule: Schedule) {
        guard case .admitted(let id, let schedule) = submission else { throw NotAdmitted() }
        return (id, schedule)
    }

    private struct NotAdmitted: Error {}

    @Test func readsPromptsOneAfterTheOther() throws {
        let model = model()
        let first = try admitted(model.submit(.of([1, 2], rest: 8), completionTokens: 11, at: start))
        #expect(first.schedule.promptTokens == 40 && first.schedule.firstTokenAt == at(40))
        #expect(first.schedule.lastTokenAt == at(140))
        let second = try admitted(model.submit(.of([3, 4]), completionTokens: 1, at: at(10)))
        #expect(second.schedule.firstTokenAt == at(72) && second.schedule.admittedAt == at(10))
        let third = try admitted(model.submit(.of([5]), completionTokens: 1, at: at(500)))
        #expect(third.schedule.firstTokenAt == at(516))
    }

    @Test func cachedTokensTakeNoTime() throws {
        let model = model()
        let prompt = BlockChain.of([1, 2, 3], rest: 2)
        let first = try admitted(model.submit(prompt, completionTokens: 4, at: start))
        _ = model.finish(first.id, at: first.schedule.lastTokenAt)
        let again = try admitted(model.submit(prompt, completionTokens: 4, at: at(1000)))
        #expect(again.schedule.cachedTokens == 48 && again.schedule.firstTokenAt == at(1002))
        // Of a prompt of full blocks the last is computed: its last token makes the answer's first.
        let whole = try admitted(model.submit(.of([1, 2, 3]), completionTokens: 4, at: at(2000)))
        #expect(whole.schedule.cachedTokens == 32)
        let branch = try admitted(model.submit(.of([1, 9], rest: 1), completionTokens: 4, at: at(3000)))
        #expect(branch.schedule.cachedTokens == 16)
        #expect(model.flushCache() > 0)
        #expect(try admitted(model.submit(prompt, completionTokens: 4, at: at(4000))).schedule.cachedTokens == 0)
    }

    @Test func anAnswerIsCachedForTheNextTurn() throws {
        let model = model()
        let prompt = BlockChain.text("How deep is the sea, and who has measured it first?")
        let first = try admitted(model.submit(prompt, completionTokens: 100, at: start))
        _ = model.finish(first.id, at: first.schedule.lastTokenAt)
        let said = ByteBuffer(capacity: 16)
        AnswerTokens(after: prompt).append(0..<100, leadingSpace: true, to: said)
        let next = BlockChain.text(
            "How deep is the sea, and who has measured it first?" + said.readableString + " And the sky?")
        let second = try admitted(model.submit(next, completionTokens: 1, at: at(9000)))
        #expect(second.schedule.cachedTokens == (51 + 400) / 64 * 16)
    }

    @Test func waitsInOrderForASlot() throws {
        let model = model {
            $0.maxRunning = 2; $0.maxQueue = 3
        }
        let first = try admitted(model.submit(.of([1]), completionTokens: 1, at: start))
        let second = try admitted(model.submit(.of([2]), completionTokens: 1, at: start))
        #expect(model.submit(.of([3]), completionTokens: 1, at: at(1)) == .queued(3))
        #expect(model.submit(.of([4]), completionTokens: 1, at: at(2)) == .queued(4))
        #expect(model.submit(.of([5]), completionTokens: 1, at: at(3)) == .queued(5))
        #expect(model.submit(.of([6]), completionTokens: 1, at: at(4)) == .refused(.queueFull))
        #expect(model.waitingCount == 3 && model.runningCount == 2)
        #expect(model.cancel(4, at: at(5)).isEmpty)
        let next = model.finish(first.id, at: at(40))
        #expect(next.map(\.id) == [3] && next[0].schedule.firstTokenAt == at(56))
        let last = model.finish(second.id, at: at(50))
        #expect(last.map(\.id) == [5] && last[0].schedule.firstTokenAt == at(72))
        #expect(model.waitingCount == 0)
        #expect(model.finish(99, at: at(60)).isEmpty && model.cancel(4, at: at(60)).isEmpty)
    }

    @Test func nobodyOvertakesWhoWaitsForBlocks() throws {
        let model = model { $0.kvBlocks = 10 }
        let big = try admitted(model.submit(.of([1, 2, 3, 4]), completionTokens: 32, at: start))
        #expect(model.load(at: start).tokenUsage == 0.6)
        #expect(model.submit(.of([11, 12, 13, 14]), completionTokens: 16, at: start) == .queued(2))
        // Would fit, but another waits already.
        #expect(model.submit(.of([21]), completionTokens: 1, at: start) == .queued(3))
        #expect(model.submit(.of(Array(0..<11)), completionTokens: 0, at: start) == .refused(.tooLong(limit: 160)))
        #expect(model.submit(.of(Array(0..<10)), completionTokens: 1, at: start) == .refused(.tooLong(limit: 160)))
        #expect(model.finish(big.id, at: at(500)).map(\.id) == [2, 3])
    }

    @Test func whoLeavesTheHeadOfTheQueueMakesWay() throws {
        let model = model { $0.kvBlocks = 10 }
        _ = try admitted(model.submit(.of([1, 2, 3, 4]), completionTokens: 32, at: start))
        #expect(model.submit(.of([11, 12, 13, 14]), completionTokens: 16, at: start) == .queued(2))
        #expect(model.submit(.of([21]), completionTokens: 1, at: start) == .queued(3))
        #expect(model.cancel(2, at: at(3)).map(\.id) == [3])
    }

    @Test func aCancelledPromptIsNotReadOn() throws {
        let model = model()
        let first = try admitted(model.submit(.of([1, 2, 3, 4, 5, 6], rest: 4), completionTokens: 9, at: start))
        #expect(first.schedule.firstTokenAt == at(100))
        #expect(model.cancel(first.id, at: at(30)).isEmpty)
        let second = try admitted(model.submit(.of([1, 2, 3, 4, 5, 6], rest: 4), completionTokens: 9, at: at(40)))
        // Its time is free again, and what was not read is not cached.
        #expect(second.schedule.firstTokenAt == at(140) && second.schedule.cachedTokens == 0)
        let third = try admitted(model.submit(.of([9]), completionTokens: 1, at: at(50)))
        _ = model.cancel(third.id, at: at(60))
        #expect(try admitted(model.submit(.of([8]), completionTokens: 1, at: at(70))).schedule.firstTokenAt == at(156))
        _ = model.cancel(second.id, at: at(150))
        let again = try admitted(model.submit(.of([1, 2, 3, 4, 5, 6], rest: 4), completionTokens: 9, at: at(400)))
        #expect(again.schedule.cachedTokens == 96)
    }

    @Test func aLateReportAdmitsNobodyBeforeHeCame() throws {
        let model = model { $0.maxRunning = 1 }
        let first = try admitted(model.submit(.of([1]), completionTokens: 1, at: start))
        #expect(model.submit(.of([2]), completionTokens: 1, at: at(300)) == .queued(2))
        let next = model.finish(first.id, at: first.schedule.lastTokenAt)
        #expect(next.map(\.schedule.admittedAt) == [at(300)])
    }

    @Test func reportsItsLoad() throws {
        let model = model {
            $0.maxRunning = 1; $0.kvBlocks = 100
        }
        let prompt = BlockChain.of([1, 2])
        let first = try admitted(model.submit(prompt, completionTokens: 10, at: start))
        _ = model.submit(prompt, completionTokens: 10, at: start)
        var load = model.load(at: start)
        #expect(load.running == 1 && load.waiting == 1 && load.waitingTokens == 32 && load.usedTokens == 32)
        #expect(load.maxTokens == 1600 && load.tokenUsage == 0.03 && load.cacheHitRate == 0)
        load = model.load(at: at(32 + 45))
        #expect(load.usedTokens == 37)
        let next = model.finish(first.id, at: first.schedule.lastTokenAt)
        #expect(next.count == 1 && next[0].schedule.cachedTokens == 16)
        #expect(model.load(at: at(200)).cacheHitRate == 0.25)
    }

    @Test func optionsAreClamped() {
        var options = EngineOptions()
        options.prefillTokensPerSecond = -1
        options.decodeTokensPerSecond = .nan
        options.maxRunning = 0
        options.maxQueue = -5
        options.kvBlocks = .max
        options.blockSize = 0
        let clamped = options.clamped
        #expect(clamped.prefillTokensPerSecond == 0 && clamped.decodeTokensPerSecond == 0)
        #expect(clamped.maxRunning == 1 && clamped.maxQueue == 0 && clamped.blockSize == 1)
        #expect(clamped.kvBlocks == EngineLimits.maximumBlocks)
    }

    /// Random traffic in virtual time: bounds hold, order holds, everybody is served, everything comes back.
    @Test(arguments: [1, 2, 3, 4])
    func servesEverybodyInOrder(seed: UInt64) {
        var random = FastRandom(seed: seed)
        let model = model {
            $0.maxRunning = 3; $0.maxQueue = 20; $0.kvBlocks = 60
        }
        var now = start
        var running: [Int: Schedule] = [:]
        var waiting: [Int] = []
        var served = 0
        func take(_ admissions: [EngineModel.Admission]) {
            for admission in admissions {
                #expect(waiting.first == admission.id)
                waiting.removeAll { $0 == admission.id }
                running[admission.id] = admission.schedule
            }
        }
        for _ in 0..<3000 {
            now = now + .milliseconds(random.below(30))
            while let due = running.filter({ $0.value.lastTokenAt <= now }).min(by: {
                ($0.value.lastTokenAt, $0.key) < ($1.value.lastTokenAt, $1.key)
            }) {
                running[due.key] = nil
                served += 1
                take(model.finish(due.key, at: due.value.lastTokenAt))
            }
            if random.below(8) == 0, let id = (Array(running.keys) + waiting).min() {
                running[id] = nil
                waiting.removeAll { $0 == id }
                take(model.cancel(id, at: now))
            }
            let prompt = BlockChain.of((0..<random.below(8)).map { _ in random.below(4) }, rest: random.below(16))
            switch model.submit(prompt, completionTokens: random.below(60), at: now) {
            case .admitted(let id, let schedule):
                #expect(waiting.isEmpty && schedule.firstTokenAt >= now && schedule.cachedTokens <= prompt.tokenCount)
                running[id] = schedule
            case .queued(let id): waiting.append(id)
            case .refused(let why): #expect(why == .queueFull && waiting.count == 20)
            }
            #expect(model.runningCount == running.count && model.waitingCount == waiting.count)
            #expect(running.count <= 3 && waiting.count <= 20)
        }
        while let id = running.keys.min() {
            running[id] = nil
            take(model.finish(id, at: now))
        }
        #expect(waiting.isEmpty && served > 200)
        #expect(model.load(at: now).tokenUsage == 0)
    }
}

/// A model by reference: the macros of the tests take no mutating calls.
final class SharedModel {
    private var model: EngineModel

    init(_ options: EngineOptions) { model = EngineModel(options) }

    var runningCount: Int { model.runningCount }
    var waitingCount: Int { model.waitingCount }

    func submit(_ prompt: BlockChain, completionTokens: Int, at now: Instant) -> EngineModel.Submission {
        model.submit(prompt, completionTokens: completionTokens, at: now)
    }

    func finish(_ id: Int, at now: Instant) -> [EngineModel.Admission] { model.finish(id, at: now) }
    func cancel(_ id: Int, at now: Instant) -> [EngineModel.Admission] { model.cancel(id, at: now) }
    func flushCache() -> Int { model.flushCache() }
    func load(at now: Instant) -> EngineLoad { model.load(at: now) }
}
