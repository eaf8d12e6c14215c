internal import SMGBase

/// Which fields of a received head go on to the next hop (RFC 9110 §7.6.1).
///
/// Made once for a head; then one call a field. Framing is the forwarder's own: Transfer-Encoding never passes,
/// Content-Length does (HEAD and 304 answers need it), so who re-frames a body must leave it out.
package struct HeaderForwarding {
    /// Where a field is going.
    package enum Direction: Sendable {
        /// From the client to a worker.
        case upstream
        /// From a worker to the client.
        case downstream
    }

    private let headers: HeaderTable
    private let bytes: UnsafeRawBufferPointer
    private let direction: Direction
    private let nominatesFields: Bool

    /// `bytes` are those `headers` was parsed from; `nominatesFields` is what the head says of itself.
    package init(
        _ headers: HeaderTable, in bytes: UnsafeRawBufferPointer, nominatesFields: Bool, _ direction: Direction
    ) {
        self.headers = headers
        self.bytes = bytes
        self.direction = direction
        self.nominatesFields = nominatesFields
    }

    /// Whether field `index` is to be forwarded.
    package func forwards(_ index: Int) -> Bool {
        let field = headers[index]
        switch field.known {
        case .connection, .keepAlive, .proxyConnection, .te, .trailer, .transferEncoding, .upgrade, .http2Settings:
            return false
        case .proxyAuthorization, .proxyAuthenticate, .proxyAuthenticationInfo:
            // Meant for this proxy, or said by a worker that takes itself for one.
            return false
        case .expect: return direction == .downstream
        default: return !nominatesFields || Self.isEndToEnd(field.known) || !isNominated(field.name)
        }
    }

    /// Fields Connection cannot take away: a client that nominates them wants the worker to see a request without
    /// its credentials, identity or content description (RFC 9110 §7.6.1 forbids nominating such fields).
    private static func isEndToEnd(_ known: KnownHeader) -> Bool {
        switch known {
        case .host, .contentLength, .contentType, .contentEncoding, .authorization, .xAPIKey, .cookie, .setCookie: true
        case .cacheControl, .date, .forwarded, .xForwardedFor, .xForwardedHost, .xForwardedProto, .xRealIP: true
        case .xRequestID, .xCorrelationID, .xTraceID, .requestID, .traceparent, .tracestate: true
        case .smgTargetWorker, .smgRoutingKey, .smgMCP, .smgPriority, .smgTenantID, .smgErrorCode, .smgPreempted: true
        default: false
        }
    }

    /// Whether some Connection field names the field called `name`.
    private func isNominated(_ name: Range<Int>) -> Bool {
        guard let base = bytes.baseAddress, name.upperBound <= bytes.count else { return false }
        let wanted = bytes.slice(name)
        var from = 0
        while let index = headers.firstIndex(of: .connection, from: from) {
            let value = headers[index].value
            guard value.upperBound <= bytes.count else { return false }
            var members = ListMembers(base, value)
            while let member = members.next() {
                if bytes.slice(member).equalsIgnoringCase(wanted) { return true }
            }
            from = index + 1
        }
        return false
    }
}
