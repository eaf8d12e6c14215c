/// A parsed request head: offsets into the bytes it was parsed from, counted from the first byte given to the parser.
///
/// A class the parser re-uses: it stays valid until the parser is reset, and the offsets as long as the bytes stay.
package final class RequestHead {
    package internal(set) var method = HTTPMethod.other
    /// The method's text, needed for `other`.
    package internal(set) var methodText = 0..<0
    package internal(set) var version = HTTPVersion.http11
    /// The target as sent.
    package internal(set) var target = 0..<0
    /// The path of the target. Empty for an absolute-form target without one (it means "/"), "*" for `OPTIONS *`.
    package internal(set) var path = 0..<0
    /// The query without its "?"; empty when there is none.
    package internal(set) var query = 0..<0
    /// Host and port asked for: from an absolute-form target, which overrides Host (RFC 9112 §3.2.2), else from Host.
    /// Empty for HTTP/1.0 requests without either.
    package internal(set) var authority = 0..<0
    package internal(set) var framing = MessageFraming.none
    /// Whether the client wants to use the connection again.
    package internal(set) var keepAlive = false
    /// Whether the client waits for `100 Continue` before it sends the body.
    package internal(set) var expectContinue = false
    /// Whether the client asks to switch protocols (Upgrade, confirmed by Connection).
    package internal(set) var isUpgrade = false
    /// Whether Connection names fields, which are then hop-by-hop.
    package internal(set) var nominatesFields = false
    /// Bytes of the head, the empty line and a skipped leading CRLF included. The body starts here.
    package internal(set) var length = 0
    package let headers = HeaderTable()

    package init() {}

    func reset() {
        query = 0..<0
        authority = 0..<0
        headers.removeAll()
    }
}

/// What the start of a connection or of the next message turned out to be.
package enum RequestParse {
    case request(RequestHead)
    /// The 24 bytes with which an HTTP/2 client starts (RFC 9113 §3.4). None of them is consumed.
    case http2Preface
}
