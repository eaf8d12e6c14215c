internal import SMGBase
internal import SMGNet

/// Ending a connection that is idle or to be drained, and streams whose client does not read.
extension HTTP2ServerConnection {
    /// How far our leaving is (RFC 9113 §6.8): first a notice that refuses nothing, then, when the client must have read
    /// it and what it sent before has arrived, the GOAWAY that names the last stream served.
    enum Leaving { case not, noticed, said }

    /// The payload of the ping behind the notice.
    private static let noticePing: UInt64 = 0x736d_675f_6c65_6176

    /// No new streams soon; the open ones and those on their way run to their end.
    func beginDraining() {
        guard leaving == .not, !isOver else { return }
        leaving = .noticed
        session.shutdownNotice()
        // Pings overtake other frames: the notice leaves first, so that the answer confirms it.
        scheduleOutput()
        session.ping(HTTP2ServerConnection.noticePing)
        armTimer(server.options.drainNoticeTimeout)
        scheduleOutput()
    }

    func leavingConfirmed(_ payload: UInt64) {
        if leaving == .noticed, payload == HTTP2ServerConnection.noticePing { sayGoAway() }
    }

    private func sayGoAway() {
        guard leaving != .said, !isOver else { return }
        leaving = .said
        session.goAway(.noError)
        armTimer(server.options.writeStallTimeout)
        scheduleOutput()
    }

    // MARK: - The timer

    /// One timer serves three ends that never overlap: with no stream open the idle time, with some the look at those
    /// that are stalled, and between notice and GOAWAY the confirmation.
    ///
    /// Not once it is over: streams that close then would arm what nobody disarms any more.
    func armTimer(_ span: TimeSpan) {
        if !isOver { stream.loop.arm(timer, after: span) }
    }

    func tick() {
        guard !isOver else { return }
        if leaving == .said, exchanges.isEmpty {
            // The session waits for something that will not come.
            isOver = true
            stream.closeDescriptor()
        } else if leaving == .noticed || exchanges.isEmpty {
            sayGoAway()
        } else {
            for exchange in exchanges.values { exchange.endIfStalled() }
            armTimer(server.options.writeStallTimeout)
            scheduleOutput()
        }
    }
}
