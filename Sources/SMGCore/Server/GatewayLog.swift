package import SMGConfig
package import SMGTelemetry

/// The logger a configuration asks for.
package enum GatewayLog {
    /// Writes to stdout; silent when the process has no way to log.
    package static func make(_ configuration: GatewayConfiguration) -> Logger {
        let observability = configuration.observability
        let level: SMGTelemetry.LogLevel =
            switch observability.logLevel {
            case .debug: .debug
            case .info: .info
            case .warn: .warn
            case .error: .error
            }
        let format: LogFormat = observability.logsJSON ? .json : .text
        return (try? Logger(level: level, format: format, destinations: [.descriptor(1)])) ?? .disabled
    }
}
