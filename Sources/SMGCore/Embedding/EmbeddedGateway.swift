internal import CLinux
package import SMGBase
internal import SMGConfig
internal import SMGNet
internal import SMGTelemetry
internal import Synchronization

/// A gateway inside somebody else's process: created, started once, stopped once. All calls may come from any thread,
/// and block.
package final class EmbeddedGateway: Sendable {
    private enum Phase {
        case created
        case running(GatewayService)
        /// Answers questions, but takes no changes.
        case stopping(GatewayService)
        case stopped
    }

    private struct State {
        var phase = Phase.created
        /// Takes the log instead of standard output.
        var receiver: LogReceiver?
    }

    private let configuration: GatewayConfiguration
    private let state = Mutex(State())
    /// Held by whoever starts or stops: one at a time, for as long as it takes.
    private let turn = Mutex(())
    /// Held by whoever changes the workers, for a moment: nothing may be given to a loop that has ended.
    private let change = Mutex(())
    private let stopSignal: StopSignal
    /// The thread that calls the log receiver, while there is one.
    private let logThread = Atomic<UInt>(0)
    private let logging = Mutex<Logging?>(nil)

    /// The parts of a log that goes to a receiver.
    private struct Logging {
        let logger: Logger
        let pipe: LogPipe?
    }

    /// Checks the configuration; opens no socket and starts no thread.
    /// - Parameter json: one object; no bytes at all stand for an empty one.
    package convenience init(json: [UInt8]) throws(EmbeddingError) {
        let configuration: GatewayConfiguration
        do throws(ConfigurationError) {
            configuration = try GatewayConfiguration(json: json.isEmpty ? Array("{}".utf8) : json)
        } catch { throw .configuration(error) }
        try self.init(configuration)
    }

    private init(_ configuration: GatewayConfiguration) throws(EmbeddingError) {
        self.configuration = configuration
        stopSignal = try StopSignal()
    }

    /// What a command line asks for.
    package enum Request {
        case gateway(EmbeddedGateway)
        /// To be printed, and that is all.
        case text(String)
    }

    /// Reads the arguments behind `smg launch`, the files they name and the process's environment.
    /// - Parameter columns: width of the help text.
    package static func request(_ arguments: [String], columns: Int) throws(EmbeddingError) -> Request {
        let command: LaunchCommand
        do throws(ConfigurationError) {
            command = try LaunchCommand.read(arguments) { getenv($0).map { String(cString: $0) } }
        } catch { throw .configuration(error) }
        switch command {
        case .help: return .text(LaunchCommand.help(width: columns))
        case .version: return .text("smg \(SMGVersion.text)")
        case .printConfiguration(let text): return .text(text)
        case .check(let configuration):
            let lines = configuration.warnings.map { "warning: \($0)" } + ["configuration is valid"]
            return .text(lines.joined(separator: "\n"))
        case .launch(let configuration): return .gateway(try EmbeddedGateway(configuration))
        }
    }

    // MARK: - Life

    /// Sends the log to `receiver` (nil: to standard output, at the configured level). Before the start only.
    package func setLog(_ receiver: LogReceiver?) throws(EmbeddingError) {
        let old = try state.withLock { (state) throws(EmbeddingError) -> LogReceiver? in
            guard case .created = state.phase else { throw .state(.alreadyStarted) }
            receiver?.adopt()
            defer { state.receiver = receiver }
            return state.receiver
        }
        // Ends outside the lock: its end is a call of the host's.
        _ = old
    }

    /// Returns when clients can connect. After a failure the gateway is as before.
    package func start() throws(EmbeddingError) {
        try refuseLogThread()
        try turn.withLock { (_) throws(EmbeddingError) in
            let receiver = try state.withLock { (state) throws(EmbeddingError) -> LogReceiver? in
                switch state.phase {
                case .created: return state.receiver
                case .running: throw .state(.alreadyStarted)
                case .stopping, .stopped: throw .state(.stopped)
                }
            }
            let service = try SignalMask.blocked { () throws(EmbeddingError) in try run(receiver) }
            state.withLock { $0.phase = .running(service) }
        }
    }

    private func run(_ receiver: LogReceiver?) throws(EmbeddingError) -> GatewayService {
        let log = try openLog(receiver)
        for warning in configuration.warnings { log.warn("config", warning) }
        do throws(GatewayStartError) {
            let service = try GatewayService.start(configuration, log: log)
            log.info("gateway", "listening") {
                $0.field("address", service.gateway.address.description)
                $0.field("metrics", service.gateway.metricsAddress.description)
                $0.field("policy", configuration.routing.policy.rawValue)
                $0.field("workers", configuration.workers.urls.count)
                $0.field("version", SMGVersion.text)
            }
            return service
        } catch {
            closeLog()
            throw .start(error)
        }
    }

    /// Lets requests finish for `grace` (nil: as configured), then ends all threads. Does nothing when stopped.
    package func stop(grace: TimeSpan?) throws(EmbeddingError) {
        try refuseLogThread()
        try turn.withLock { (_) throws(EmbeddingError) in
            switch state.withLock({ $0.phase }) {
            case .created: throw .state(.notStarted)
            case .running(let service): end(service, grace: grace ?? configuration.server.shutdownGracePeriod)
            case .stopping, .stopped: break
            }
        }
    }

    /// Ends the gateway whatever its state, without grace. Nothing of it runs any more when this returns.
    package func destroy() throws(EmbeddingError) {
        try refuseLogThread()
        turn.withLock { _ in
            switch state.withLock({ $0.phase }) {
            case .created: finish()
            case .running(let service): end(service, grace: .zero)
            case .stopping, .stopped: break
            }
        }
    }

    /// Waits until the gateway is stopped: false when `limit` was over first. Nil waits without limit.
    package func wait(limit: TimeSpan?) throws(EmbeddingError) -> Bool {
        if case .created = state.withLock({ $0.phase }) { throw .state(.notStarted) }
        return stopSignal.wait(until: limit.map { Instant.now() + $0 })
    }

    private func end(_ service: GatewayService, grace: TimeSpan) {
        let log = service.gateway.log
        change.withLock { _ in state.withLock { $0.phase = .stopping(service) } }
        log.info("gateway", "stopping") { $0.field("grace_seconds", grace.seconds) }
        let cut = service.stop(grace: grace)
        log.info("gateway", "stopped") { $0.field("requests_cut", cut) }
        closeLog()
        finish()
    }

    private func finish() {
        let receiver = state.withLock { state in
            state.phase = .stopped
            defer { state.receiver = nil }
            return state.receiver
        }
        _ = receiver
        stopSignal.raise()
    }

    // MARK: - Log

    private func openLog(_ receiver: LogReceiver?) throws(EmbeddingError) -> Logger {
        guard let receiver else {
            let logger = GatewayLog.make(configuration)
            logging.withLock { $0 = Logging(logger: logger, pipe: nil) }
            return logger
        }
        let pipe = try LogPipe(receiver)
        do throws(LogError) {
            let logger = try Logger(
                level: receiver.level, format: configuration.observability.logsJSON ? .json : .text,
                destinations: [.descriptor(pipe.writeEnd)])
            pipe.closeWriteEnd()
            logThread.store(pipe.threadID, ordering: .relaxed)
            logging.withLock { $0 = Logging(logger: logger, pipe: pipe) }
            return logger
        } catch {
            pipe.closeWriteEnd()
            pipe.join()
            throw .start(GatewayStartError(code: "\(error.code)", description: "cannot start the log thread"))
        }
    }

    /// Writes what is queued and ends the log's threads.
    private func closeLog() {
        let parts = logging.withLock { parts in
            defer { parts = nil }
            return parts
        }
        parts?.logger.shutdown()
        parts?.pipe?.join()
        logThread.store(0, ordering: .relaxed)
    }

    /// What waits for the log's thread cannot be called on it.
    private func refuseLogThread() throws(EmbeddingError) {
        if logThread.load(ordering: .relaxed) == UInt(pthread_self()) { throw .state(.insideLogFunction) }
    }

    // MARK: - While it runs

    /// The running gateway, for questions; also while it stops.
    package func running() throws(EmbeddingError) -> GatewayService {
        switch state.withLock({ $0.phase }) {
        case .created: throw .state(.notStarted)
        case .running(let service), .stopping(let service): return service
        case .stopped: throw .state(.stopped)
        }
    }

    /// Adds the worker described by a JSON object and describes what it has become.
    package func addWorker(json: UnsafeRawBufferPointer) throws(EmbeddingError) -> ByteBuffer {
        try changing { (service) throws(GatewayError) in try service.addWorker(json: json) }
    }

    /// Takes out the worker with this id or URL.
    package func removeWorker(_ idOrURL: String) throws(EmbeddingError) {
        try changing { (service) throws(GatewayError) in try service.removeWorker(idOrURL) }
    }

    private func changing<T>(_ body: (GatewayService) throws(GatewayError) -> T) throws(EmbeddingError) -> T {
        let result: Result<T, EmbeddingError> = change.withLock { _ in
            switch state.withLock({ $0.phase }) {
            case .created: return .failure(.state(.notStarted))
            case .running(let service):
                do throws(GatewayError) { return .success(try body(service)) } catch {
                    return .failure(.request(error))
                }
            case .stopping, .stopped: return .failure(.state(.stopped))
            }
        }
        return try result.get()
    }
}
