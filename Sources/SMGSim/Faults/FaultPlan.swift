package import SMGBase

/// How a simulated engine misbehaves, on purpose. A new plan replaces the old one; the empty plan is good behaviour.
package struct FaultPlan: Sendable, Equatable {
    /// How many inference requests the plan is for; nil is all until the next plan. Health and accept faults do not
    /// count and stay.
    package var count: Int?
    /// Answer every request with this status and an error object.
    package var status: Int?
    /// Share of requests answered with `errorStatus`, 0 to 1.
    package var errorRate = 0.0
    /// The status `errorRate` answers with.
    package var errorStatus = 500
    /// Wait before the request is looked at.
    package var delay = TimeSpan.zero
    /// Never begin the answer; ends with the next plan.
    package var stallBeforeHead = false
    /// Send the head one byte at a time with this pause between; zero sends it normally.
    package var slowHead = TimeSpan.zero
    /// Fall silent after this many tokens; ends with the next plan.
    package var stallAfterTokens: Int?
    /// Break the connection after this many tokens, without ending the answer.
    package var cutAfterTokens: Int?
    /// Break the connection instead of answering, as a process does that dies.
    package var cutBeforeHead = false
    /// Break connections with a reset instead of an orderly close.
    package var reset = false
    /// Answer with something that is not HTTP, then close.
    package var malformedHead = false
    /// Announce one more body byte than is sent, then close. In a stream: send more than a chunk's size announced.
    package var lengthMismatch = false
    /// Close a connection without a word when a second request comes on it.
    package var closeReused = false
    /// Close connections as soon as they are accepted. Control requests reach the engine only on connections that are
    /// open already.
    package var dropConnections = false
    /// Answer health checks with 503.
    package var unhealthy = false

    package init() {}

    /// Good behaviour.
    package static let none = FaultPlan()

    /// The plan without what `count` limits.
    var withoutRequestFaults: FaultPlan {
        var plan = FaultPlan()
        plan.dropConnections = dropConnections
        plan.unhealthy = unhealthy
        return plan
    }
}
