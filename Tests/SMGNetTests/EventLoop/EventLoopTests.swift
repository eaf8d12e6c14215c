import SMGBase
import Synchronization
import Testing

@testable import SMGNet

@Suite struct EventLoopTests {
    @Test func tasksStayOnTheirLoop() async throws {
        let group = try EventLoopGroup(count: 2)
        group.start()
        for loop in group.loops {
            let stayed = await withUnsafeContinuation { continuation in
                loop.spawn {
                    let before = loop.isOnLoop
                    await loop.sleep(.milliseconds(2))
                    continuation.resume(returning: before && loop.isOnLoop)
                }
            }
            #expect(stayed)
        }
        let indexes = await group.onEach { $0.isOnLoop ? $0.index : -1 }
        #expect(indexes == [0, 1])
        group.shutdown()
    }

    @Test func whatComesAfterTheEndIsDoneByItsPoster() async throws {
        let group = try EventLoopGroup(count: 1)
        group.start()
        let loop = group.loops[0]
        final class Held: Sendable {}
        let answer = Mutex<UnsafeContinuation<Void, Never>?>(nil)
        let steps = Mutex<[String]>([])
        weak var held: Held?
        await withUnsafeContinuation { (began: UnsafeContinuation<Void, Never>) in
            let object = Held()
            held = object
            loop.spawn {
                await withUnsafeContinuation { continuation in
                    answer.withLock { $0 = continuation }
                    began.resume()
                }
                // Waits once more: the end wakes it at once.
                await loop.sleep(.seconds(1_000))
                steps.withLock { $0.append("task") }
                withExtendedLifetime(object) {}
            }
        }
        group.shutdown()
        #expect(held != nil)
        // As a name look-up does: resumes a task of the loop, then posts.
        answer.withLock { $0?.resume() }
        loop.execute { steps.withLock { $0.append("posted") } }
        #expect(steps.withLock { $0 } == ["task", "posted"])
        #expect(held == nil)
    }

    @Test func mailboxKeepsOrderUnderContention() async throws {
        let group = try EventLoopGroup(count: 1)
        group.start()
        let loop = group.loops[0]
        final class Seen: Sendable {
            let values = Mutex<[[Int]]>(Array(repeating: [], count: 4))
        }
        let seen = Seen()
        await withTaskGroup(of: Void.self) { tasks in
            for poster in 0..<4 {
                tasks.addTask {
                    for value in 0..<5_000 { loop.execute { seen.values.withLock { $0[poster].append(value) } } }
                }
            }
        }
        _ = await group.onEach { _ in true }
        #expect(seen.values.withLock { $0 }.allSatisfy { $0 == Array(0..<5_000) })
        group.shutdown()
    }

    @Test func echoesOverTCPAndReportsTheEnd() async throws {
        let group = try EventLoopGroup(count: 1)
        group.start()
        let loop = group.loops[0]
        let received: String = await withUnsafeContinuation { continuation in
            loop.spawn {
                do {
                    let any = SocketAddress(literal: "127.0.0.1", port: 0)!
                    let listener = try Listener(loop: loop, address: any) { descriptor, _ in
                        loop.spawn { await EventLoopTests.echo(descriptor, loop) }
                    }
                    try listener.start()
                    let client = try ByteStream.connecting(to: listener.address, on: loop)
                    try await client.finishConnecting(within: .seconds(5))
                    let text = Array(String(repeating: "0123456789", count: 50_000).utf8)
                    let answer = ByteBuffer(capacity: 64)
                    loop.spawn {
                        text.withUnsafeBytes { _ in }
                        let copy = ByteBuffer(text)
                        try? await client.writeAll(copy.readable, stall: .seconds(5))
                        client.shutdownWriting()
                    }
                    while true {
                        answer.reserve(4096)
                        if try await client.readSome(into: answer, within: .seconds(5)) == 0 { break }
                    }
                    client.closeDescriptor()
                    listener.stop()
                    continuation.resume(returning: Array(answer.readable) == text ? "same" : "different")
                } catch { continuation.resume(returning: "\(error)") }
            }
        }
        #expect(received == "same")
        #expect(await group.onEach { $0.sourceCount } == [0])
        group.shutdown()
    }

    private static func echo(_ descriptor: Int32, _ loop: EventLoop) async {
        guard let stream = try? ByteStream(loop: loop, connected: descriptor) else { return }
        let buffer = ByteBuffer(capacity: 1000)
        while let count = try? await stream.readSome(into: buffer), count > 0 {
            guard (try? await stream.writeAll(buffer.readable, stall: .seconds(5))) != nil else { break }
            buffer.clear()
        }
        stream.closeDescriptor()
    }

    @Test func connectionErrorsHaveCodes() async throws {
        let group = try EventLoopGroup(count: 1)
        group.start()
        let loop = group.loops[0]
        let codes: [String] = await withUnsafeContinuation { continuation in
            loop.spawn {
                var codes: [String] = []
                do {
                    let any = SocketAddress(literal: "127.0.0.1", port: 0)!
                    let gone = try Listener(loop: loop, address: any) { _, _ in }
                    gone.stop()
                    let client = try ByteStream.connecting(to: gone.address, on: loop)
                    do { try await client.finishConnecting(within: .seconds(5)) } catch {
                        codes.append((error as! NetError).code)
                    }
                    client.closeDescriptor()
                    let silent = try Listener(loop: loop, address: any) { _, _ in }
                    try silent.start()
                    let waiting = try ByteStream.connecting(to: silent.address, on: loop)
                    try await waiting.finishConnecting(within: .seconds(5))
                    let buffer = ByteBuffer(capacity: 64)
                    do { _ = try await waiting.readSome(into: buffer, within: .milliseconds(3)) } catch {
                        codes.append((error as! NetError).code)
                    }
                    waiting.closeDescriptor()
                    silent.stop()
                } catch { codes.append("\(error)") }
                continuation.resume(returning: codes)
            }
        }
        #expect(codes == ["connection_refused", "timeout"])
        group.shutdown()
    }
}
