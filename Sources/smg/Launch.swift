internal import CLinux
internal import SMGBase
internal import SMGConfig
internal import SMGCore
internal import SMGNet
internal import SMGTelemetry

/// `smg launch`: reads the options, starts the gateway, and serves until SIGINT or SIGTERM.
enum Launch {
    static func run(_ arguments: [String]) {
        do throws(ConfigurationError) {
            switch try LaunchCommand.read(arguments, environment: Console.environment) {
            case .help: print(LaunchCommand.help(width: Console.width))
            case .version: print("smg \(SMGVersion.text)")
            case .printConfiguration(let text): print(text)
            case .check(let configuration):
                for warning in configuration.warnings { Console.error("warning: \(warning)") }
                print("configuration is valid")
            case .launch(let configuration): serve(configuration)
            }
        } catch {
            Console.error("smg launch: \(error)")
            Console.exit(2)
        }
    }

    private static func serve(_ configuration: GatewayConfiguration) {
        let log = GatewayLog.make(configuration)
        for warning in configuration.warnings { log.warn("config", warning) }
        warnOfFewDescriptors(configuration, log)
        let signals = SignalWaiter()
        let service: GatewayService
        do throws(GatewayStartError) { service = try GatewayService.start(configuration, log: log) } catch {
            log.shutdown()
            Console.error("smg launch: \(error)")
            Console.exit(1)
        }
        log.info("gateway", "listening") {
            $0.field("address", service.gateway.address.description)
            $0.field("metrics", service.gateway.metricsAddress.description)
            $0.field("policy", configuration.routing.policy.rawValue)
            $0.field("workers", configuration.workers.urls.count)
            $0.field("version", SMGVersion.text)
        }
        let name = signals.wait()
        log.info("gateway", "stopping") { $0.field("signal", name) }
        // A second signal ends the process at once: whoever sends it has waited enough.
        signals.exitOnNext()
        let cut = service.stop(grace: configuration.server.shutdownGracePeriod)
        log.info("gateway", "stopped") { $0.field("requests_cut", cut) }
        log.shutdown()
    }

    /// Shells often allow 1,024 descriptors while the system allows far more: takes what may be had, and says so when
    /// it is too little for the connections configured (one to the client and one to the worker each).
    private static func warnOfFewDescriptors(_ configuration: GatewayConfiguration, _ log: Logger) {
        let limit = Int(clinux_raise_open_files())
        let wanted = configuration.server.maximumConnections * 2
        guard limit < wanted else { return }
        log.warn("gateway", "the limit of open files is low for --max-connections") {
            $0.field("open_files", limit)
            $0.field("wanted", wanted)
        }
    }
}
