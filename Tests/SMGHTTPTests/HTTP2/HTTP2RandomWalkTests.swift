import Foundation
import SMGBase
import Testing

@testable import SMGHTTP

/// Random conversations, checked against what was put in.
@Suite struct HTTP2RandomWalkTests {
    /// What was sent on a stream, and how it was left.
    private struct Plan {
        var request: [UInt8] = []
        var response: [UInt8] = []
        var isRequestDone = false
        var isResponseDone = false
        var isReset = false
    }

    @Test(arguments: UInt64(1)...40) func everyByteArrivesOnce(seed: UInt64) throws {
        var random = FastRandom(seed: seed)
        let cuts = [1, 3, 9, 10, 100, 4096, Int.max]
        // Small windows, so that both ends stall often.
        var windows = HTTP2Configuration(connectionWindow: 65_535)
        windows.streamWindow = 20_000
        windows.lowWaterMark = 4000
        let pair = try Pair(cut: cuts[random.below(cuts.count)], client: windows, server: windows)
        pair.limit = [1, 100, 20_000, 1 << 20][random.below(4)]
        let server = pair.server
        server.recorder.whenRequest = { id, headers in
            try? server.session.submitResponse(id, status: 200, headers, endStream: false)
        }
        var plans: [Int32: Plan] = [:]
        for _ in 0..<120 {
            let ids = plans.keys.sorted().filter { plans[$0]?.isReset == false }
            let id = ids.isEmpty ? 0 : ids[random.below(ids.count)]
            switch random.below(12) {
            case 0...2 where pair.client.session.canOpenStream:
                plans[try pair.request("POST", "/", [("x-seed", "\(seed)")], endStream: false)] = Plan()
            case 3...5 where plans[id]?.isRequestDone == false:
                try sendRequest(pair, id, &plans, &random)
            case 6...8 where plans[id]?.isResponseDone == false && server.recorder.logs[id] != nil:
                try sendResponse(pair, id, &plans, &random)
            case 9 where plans[id] != nil && random.below(4) == 0:
                let byServer = random.below(2) == 0 && server.recorder.logs[id]?.closes == 0
                (byServer ? server : pair.client).session.reset(id, .cancel)
                plans[id]?.isReset = true
            case 10: server.recorder.consumes.toggle()
            case 11: pair.client.recorder.consumes.toggle()
            default: try pair.pump()
            }
        }
        try finish(pair, plans)
    }

    private func sendRequest(
        _ pair: Pair, _ id: Int32, _ plans: inout [Int32: Plan], _ random: inout FastRandom
    ) throws {
        let bytes = (0..<random.below(4000)).map { UInt8(truncatingIfNeeded: $0 &+ Int(id)) }
        let isLast = random.below(3) == 0
        try pair.client.session.send(id, bytes, endStream: isLast)
        plans[id]?.request += bytes
        plans[id]?.isRequestDone = isLast
    }

    private func sendResponse(
        _ pair: Pair, _ id: Int32, _ plans: inout [Int32: Plan], _ random: inout FastRandom
    ) throws {
        let bytes = (0..<random.below(9000)).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ Int(id)) }
        try pair.server.session.send(id, bytes, endStream: false)
        plans[id]?.response += bytes
    }

    /// Ends all messages, lets everything flow and compares.
    private func finish(_ pair: Pair, _ plans: [Int32: Plan]) throws {
        for end in [pair.client, pair.server] {
            end.recorder.consumes = true
            for id in plans.keys { end.session.consume(id, Int.max) }
        }
        for (id, plan) in plans where !plan.isReset && !plan.isRequestDone {
            try pair.client.session.send(id, [], endStream: true)
        }
        try pair.pump()
        for (id, plan) in plans where !plan.isReset {
            try pair.server.session.submitTrailers(id, HTTP2Headers([("x-end", "\(id)")]))
        }
        try pair.pump()
        #expect(pair.client.errors.isEmpty && pair.server.errors.isEmpty)
        #expect(pair.client.session.openStreams == 0 && pair.server.session.openStreams == 0)
        for (id, plan) in plans {
            let (answer, seen) = (pair.client.recorder.logs[id], pair.server.recorder.logs[id])
            #expect(answer?.closes == 1)
            guard !plan.isReset else { continue }
            #expect(seen?.body == plan.request && seen?.isEnded == true && seen?.closes == 1)
            #expect(answer?.body == plan.response && answer?.isEnded == true && answer?.reset == nil)
            #expect(answer?.trailers == ["x-end": "\(id)"])
        }
    }
}

/// Every input the fuzzer starts from, and every one that once failed.
@Suite struct HTTP2CorpusTests {
    @Test func replay() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Fuzz/corpus/http2").standardizedFileURL
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        #expect(files.count >= 20)
        for file in files {
            var input = Array(try Data(contentsOf: file))
            for cut in 0..<UInt8(8) {
                if !input.isEmpty { input[0] = input[0] & 7 | cut << 3 }
                let violation = violatedHTTP2Property(input)
                #expect(violation == nil, "\(file.lastPathComponent) cut \(cut)")
            }
        }
    }
}
