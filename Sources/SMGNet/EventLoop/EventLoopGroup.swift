internal import CLinux

/// The loops of one gateway.
package final class EventLoopGroup: Sendable {
    /// More loops than this bring nothing on any machine we know of.
    package static let maxLoops = 256

    package let loops: [EventLoop]

    /// - Parameter count: number of loops; 0 means one per processor this process may run on.
    package init(count: Int) throws(NetError) {
        let wanted = min(max(count == 0 ? EventLoopGroup.availableProcessors : count, 1), EventLoopGroup.maxLoops)
        var loops: [EventLoop] = []
        for index in 0..<wanted { loops.append(try EventLoop(index: index)) }
        self.loops = loops
    }

    /// Processors in this process's affinity mask, which containers and `taskset` narrow.
    package static var availableProcessors: Int { Int(clinux_available_processors()) }

    package func start() { for loop in loops { loop.start() } }

    /// Ends all loops and waits for their threads.
    package func shutdown() {
        for loop in loops { loop.stop() }
        for loop in loops { loop.join() }
    }

    /// Runs `body` on each loop in turn and returns the answers in the loops' order.
    package func onEach<T: Sendable>(_ body: @escaping @Sendable (EventLoop) -> T) async -> [T] {
        var results: [T] = []
        for loop in loops { results.append(await loop.call { body(loop) }) }
        return results
    }
}
