/// Tells HTTP/2 with prior knowledge from HTTP/1 by the first bytes of a connection.
package enum HTTP2Preface {
    /// What every HTTP/2 client sends first.
    package static let bytes: StaticString = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

    /// The answer of `detect`.
    package enum Verdict {
        /// The preface is there: hand all bytes, the preface included, to a server session.
        case http2
        /// It is something else.
        case other
        /// All bytes so far fit; more are needed.
        case incomplete
    }

    /// Looks at the first bytes of a connection. Decides at the first byte that differs, so an HTTP/1 request waits
    /// for nothing.
    package static func detect(_ start: UnsafeRawBufferPointer) -> Verdict {
        let length = bytes.utf8CodeUnitCount
        for i in 0..<min(start.count, length) where start[i] != bytes.utf8Start[i] { return .other }
        return start.count >= length ? .http2 : .incomplete
    }
}
