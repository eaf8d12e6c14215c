import CLinux
import SMGBase
import Synchronization
import Testing

@testable import SMGNet

@Suite(.timeLimit(.minutes(1))) struct ListenerTests {
    private static let any = SocketAddress(literal: "127.0.0.1", port: 0)!

    /// Connects without waiting for anything but the kernel.
    static func connect(_ address: SocketAddress) -> Int32 {
        let descriptor = socket(address.family, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return -1 }
        if address.withSockaddr({ clinux_connect(descriptor, $0, $1) }) == 0 { return descriptor }
        close(descriptor)
        return -1
    }

    /// Whoever takes a connection may stop the listener at once.
    @Test func stoppedWhileAccepting() async throws {
        let group = try EventLoopGroup(count: 1)
        group.start()
        let loop = group.loops[0]
        let accepted = await loop.call { () -> Int in
            final class Holder { var listener: Listener? }
            let holder = Holder()
            var taken = 0
            guard
                let listener = try? Listener(
                    loop: loop, address: Self.any,
                    onAccept: { descriptor, _ in
                        close(descriptor)
                        taken += 1
                        holder.listener?.stop()
                    })
            else { return -1 }
            holder.listener = listener
            guard (try? listener.start()) != nil else { return -1 }
            let clients = (0..<3).map { _ in Self.connect(listener.address) }
            listener.ready(.readable)
            for client in clients { close(client) }
            holder.listener = nil
            return taken
        }
        // Stopping takes over what is queued, so all three arrived, and nothing is watched any more.
        #expect(accepted == 3)
        #expect(await group.onEach { $0.sourceCount } == [0])
        group.shutdown()
    }

    /// Out of descriptors the listener looks away instead of spinning, and takes up its queue later. In a process of its
    /// own, since the limit is the process's.
    @Test func exhaustedDescriptors() async {
        await #expect(processExitsWith: .success) {
            let group = try EventLoopGroup(count: 1)
            group.start()
            let loop = group.loops[0]
            let accepted = Atomic<Int>(0)
            let errors = Atomic<Int>(0)
            let address = await loop.call { () -> SocketAddress? in
                let listener = try? Listener(loop: loop, address: SocketAddress(literal: "127.0.0.1", port: 0)!) {
                    descriptor, _ in
                    accepted.add(1, ordering: .relaxed)
                    close(descriptor)
                }
                listener?.onError = { error in
                    precondition(error.code == "too_many_open_files")
                    errors.add(1, ordering: .relaxed)
                }
                guard (try? listener?.start()) != nil else { return nil }
                return listener?.address
            }
            var limit = rlimit(rlim_cur: 64, rlim_max: 64)
            precondition(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
            var fillers: [Int32] = []
            while case let filler = clinux_open_for_reading("/dev/null"), filler >= 0 { fillers.append(filler) }
            close(fillers.removeLast())
            let client = ListenerTests.connect(address!)
            precondition(client >= 0)
            // A listener that spun would fail once a turn.
            for _ in 0..<2000 { await loop.call {} }
            precondition(accepted.load(ordering: .relaxed) == 0 && 1..<1000 ~= errors.load(ordering: .relaxed))
            for filler in fillers { close(filler) }
            while accepted.load(ordering: .relaxed) == 0 { await loop.pause(.milliseconds(1)) }
        }
    }

    @Test func staleUnixSocketIsReplacedAndALiveOneIsNot() async throws {
        let group = try EventLoopGroup(count: 1)
        group.start()
        let loop = group.loops[0]
        let path = "/tmp/smg-listener-\(UInt64.random(in: 0 ..< .max)).sock"
        let outcome = await loop.call { () -> [String] in
            let address = SocketAddress(unixPath: path)!
            var outcome: [String] = []
            func attempt() -> Listener? {
                do throws(NetError) {
                    let made = try Listener(loop: loop, address: address) { descriptor, _ in close(descriptor) }
                    try made.start()
                    outcome.append("listens")
                    return made
                } catch {
                    outcome.append(error.code)
                    return nil
                }
            }
            let first = attempt()
            _ = attempt()
            first?.stop()
            // What a killed process leaves: the file without a listener.
            let stale = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            outcome.append(address.withSockaddr { clinux_bind(stale, $0, $1) } == 0 ? "stale" : "not stale")
            close(stale)
            let second = attempt()
            second?.stop()
            outcome.append(access(path, F_OK) == 0 ? "left" : "gone")
            return outcome
        }
        #expect(outcome == ["listens", "address_in_use", "stale", "listens", "gone"])
        group.shutdown()
    }
}
