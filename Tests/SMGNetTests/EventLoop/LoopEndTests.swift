import SMGBase
import Synchronization
import Testing

@testable import SMGNet

/// What becomes of tasks that still wait when their loop ends.
@Suite struct LoopEndTests {
    /// Counts the tasks that came to their end.
    final class Ended: Sendable {
        let count = Atomic<Int>(0)
    }

    @Test func sleepersEndWithTheLoop() async throws {
        let ended = Ended()
        weak var gone: EventLoop?
        do {
            let loop = try EventLoop(index: 0)
            gone = loop
            loop.start()
            for _ in 0..<3 {
                loop.spawn {
                    await loop.sleep(.seconds(3600))
                    ended.count.add(1, ordering: .relaxed)
                }
            }
            // Sleeps again and again until the end.
            loop.spawn {
                while !loop.isStopping { await loop.sleep(.seconds(3600)) }
                ended.count.add(1, ordering: .relaxed)
            }
            _ = await loop.call { loop.isOnLoop }
            loop.stop()
            loop.join()
        }
        #expect(ended.count.load(ordering: .relaxed) == 4)
        #expect(gone == nil)
    }

    @Test func aTaskThatNeverStopsWaitingDoesNotKeepTheLoopFromEnding() async throws {
        let loop = try EventLoop(index: 0)
        loop.start()
        let turns = Ended()
        loop.spawn {
            while true {
                await loop.sleep(.seconds(3600))
                turns.count.add(1, ordering: .relaxed)
            }
        }
        _ = await loop.call { loop.isOnLoop }
        loop.stop()
        loop.join()
        #expect(turns.count.load(ordering: .relaxed) > 0)
    }

    @Test func readersEndWithTheLoop() async throws {
        let ended = Ended()
        let loop = try EventLoop(index: 0)
        loop.start()
        await withUnsafeContinuation { (ready: UnsafeContinuation<Void, Never>) in
            loop.spawn {
                guard let any = SocketAddress(literal: "127.0.0.1", port: 0),
                    let listener = try? Listener(loop: loop, address: any, onAccept: { _, _ in }),
                    (try? listener.start()) != nil,
                    let client = try? ByteStream.connecting(to: listener.address, on: loop)
                else { return ready.resume() }
                try? await client.finishConnecting(within: .seconds(5))
                ready.resume()
                let waited = await client.waitReadable()
                if waited == .closed { ended.count.add(1, ordering: .relaxed) }
                // Nor is a wait that begins after the end.
                if await client.waitReadable() == .closed { ended.count.add(1, ordering: .relaxed) }
            }
        }
        loop.stop()
        loop.join()
        #expect(ended.count.load(ordering: .relaxed) == 2)
    }
}
