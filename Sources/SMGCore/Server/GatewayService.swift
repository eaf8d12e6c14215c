package import SMGBase
package import SMGConfig
internal import SMGNet
package import SMGTelemetry
internal import Synchronization

/// A gateway for callers that have no tasks of their own: `main`, and the C interface. Its calls block.
package final class GatewayService: Sendable {
    package let gateway: Gateway
    /// Runs what has to wait while the gateway's own loops start and end.
    private let helper: EventLoop
    private let stopped = Mutex(false)

    private init(gateway: Gateway, helper: EventLoop) {
        self.gateway = gateway
        self.helper = helper
    }

    /// Starts a gateway and returns when it accepts connections.
    package static func start(_ configuration: GatewayConfiguration, log: Logger) throws(GatewayStartError)
        -> GatewayService
    {
        let helper: EventLoop
        do throws(NetError) { helper = try EventLoop(index: -2, name: "smg-service") } catch {
            throw GatewayStartError(code: error.code, description: "cannot create an event loop: \(error)")
        }
        helper.start()
        let result: Result<Gateway, GatewayStartError> = blocking(on: helper) {
            do throws(GatewayStartError) { return .success(try await Gateway.start(configuration, log: log)) } catch {
                return .failure(error)
            }
        }
        switch result {
        case .success(let gateway): return GatewayService(gateway: gateway, helper: helper)
        case .failure(let error):
            helper.stop()
            helper.join()
            throw error
        }
    }

    /// Stops the gateway; see `Gateway.stop`. Further calls do nothing.
    @discardableResult
    package func stop(grace: TimeSpan) -> Int {
        let isFirst = stopped.withLock { stopped in
            defer { stopped = true }
            return !stopped
        }
        guard isFirst else { return 0 }
        let cut = GatewayService.blocking(on: helper) { [gateway] in await gateway.stop(grace: grace) }
        gateway.close()
        helper.stop()
        helper.join()
        return cut
    }

    /// Runs `work` as a task on `loop` and blocks the calling thread, which must not be a loop's, until it is done.
    private static func blocking<T: Sendable>(on loop: EventLoop, _ work: @escaping @Sendable () async -> T) -> T {
        let box = BlockingBox<T>()
        loop.execute { loop.spawn { box.fill(await work()) } }
        return box.wait()
    }
}
