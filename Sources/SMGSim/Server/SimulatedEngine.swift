internal import SMGBase
package import SMGNet

/// A running simulated engine: for `smg worker`, and for tests that want workers in their own process.
///
///     var options = SimulatedEngineOptions()
///     options.engine.decodeTokensPerSecond = 50
///     let worker = try await SimulatedEngine.start(options, on: loop)
///     …requests to worker.url…
///     await worker.wait { $0.completed == 3 }
///     await worker.stop()
///
/// Every call may come from any task; the work happens on the engine's loop, which the caller starts and ends.
package final class SimulatedEngine: Sendable {
    /// Where it listens, with the port the kernel chose.
    package let address: SocketAddress
    /// The loop it runs on.
    package let loop: EventLoop
    private let host: LoopBound<EngineHost>
    private let listener: LoopBound<Listener>

    private init(address: SocketAddress, loop: EventLoop, host: LoopBound<EngineHost>, listener: LoopBound<Listener>) {
        self.address = address
        self.loop = loop
        self.host = host
        self.listener = listener
    }

    /// Binds and begins to accept. `loop` must be running.
    package static func start(
        _ options: SimulatedEngineOptions, on loop: EventLoop
    ) async throws(NetError) -> SimulatedEngine {
        let made: Result<SimulatedEngine, NetError> = await loop.call {
            do throws(NetError) { return .success(try make(options, loop)) } catch { return .failure(error) }
        }
        return try made.get()
    }

    private static func make(_ options: SimulatedEngineOptions, _ loop: EventLoop) throws(NetError) -> SimulatedEngine {
        let box = HostBox()
        let listener = try Listener(loop: loop, address: options.address) { descriptor, _ in
            box.host?.accept(descriptor)
        }
        let host = EngineHost(loop: loop, options: options, address: listener.address)
        box.host = host
        try listener.start()
        return SimulatedEngine(
            address: listener.address, loop: loop, host: LoopBound(host), listener: LoopBound(listener))
    }

    /// The listener exists before the host, which needs its address.
    private final class HostBox {
        var host: EngineHost?
    }

    /// `http://127.0.0.1:8000`, or `unix:/path`.
    package var url: String { address.isUnix ? address.description : "http://\(address)" }

    /// What it has seen so far.
    package func stats() async -> EngineStats { await loop.call { [host] in host.value.currentStats } }

    /// Waits until the counters satisfy `condition`, and returns them as they were then. Counters move with requests,
    /// not with time: a condition on token counts of running requests may be noticed late.
    @discardableResult
    package func wait(until condition: @escaping @Sendable (EngineStats) -> Bool) async -> EngineStats {
        await withUnsafeContinuation { (continuation: UnsafeContinuation<EngineStats, Never>) in
            loop.execute { [host] in
                let engine = host.value
                engine.watch(
                    EngineHost.Watcher(condition: condition) { [unowned engine] in
                        continuation.resume(returning: engine.currentStats)
                    })
            }
        }
    }

    /// Replaces the fault plan; answers stalled by the old one go on.
    package func setFaults(_ plan: FaultPlan) async { await loop.call { [host] in host.value.setFaults(plan) } }

    /// Forgets the prefix cache.
    package func flushCache() async { await loop.call { [host] in _ = host.value.model.flushCache() } }

    /// Stops accepting and closes every connection at once.
    package func stop() async {
        await loop.call { [host, listener] in
            listener.value.stop()
            host.value.stop()
        }
    }
}
