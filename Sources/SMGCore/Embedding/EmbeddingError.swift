package import SMGBase

/// Why a call of a host program failed.
package enum EmbeddingError: Error, Sendable {
    /// The configuration is refused.
    case configuration(ConfigurationError)
    /// The gateway is not in the state the call needs.
    case state(EmbeddingStateFault)
    /// The gateway could not start.
    case start(GatewayStartError)
    /// A change to the workers is refused.
    case request(GatewayError)
}

/// A call at the wrong moment of a gateway's life. The raw value is the stable label.
package enum EmbeddingStateFault: String, Sendable, CaseIterable {
    case notStarted = "not_started"
    case alreadyStarted = "already_started"
    case stopped
    case insideLogFunction = "inside_log_function"

    /// For people.
    package var message: String {
        switch self {
        case .notStarted: "the gateway has not been started"
        case .alreadyStarted: "the gateway has been started already"
        case .stopped: "the gateway has been stopped; a stopped gateway does not start again: create a new one"
        case .insideLogFunction: "the gateway cannot be started, stopped or destroyed from inside its log function"
        }
    }
}
