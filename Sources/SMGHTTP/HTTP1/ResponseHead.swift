/// A parsed answer head: offsets into the bytes it was parsed from. Re-used by its parser like `RequestHead`.
package final class ResponseHead {
    /// 100 to 599.
    package internal(set) var status = 0
    package internal(set) var version = HTTPVersion.http11
    package internal(set) var framing = MessageFraming.none
    /// Whether the upstream connection can carry another request after this body.
    package internal(set) var keepAlive = false
    /// Whether Connection names fields, which are then hop-by-hop.
    package internal(set) var nominatesFields = false
    /// Bytes of the head, the empty line included. The body starts here.
    package internal(set) var length = 0
    package let headers = HeaderTable()

    package init() {}

    /// 1xx, to be skipped or passed on before the answer proper. 101 is one too, though no answer follows it.
    package var isInformational: Bool { status < 200 }
}
