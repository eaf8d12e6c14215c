/// Bounds on the head of one HTTP/1 message.
package struct HeadLimits: Sendable {
    /// Bytes from the start line to the empty line, both included. 64 KiB holds the largest cookie and token sets seen
    /// in front of engines, and is what one connection may make us buffer before it is known to be useful.
    package var headBytes: Int
    /// Fields in one head. Real clients send 10 to 30; every field costs a scan in each filter.
    package var fields: Int
    /// Bytes of the request target. 8 KiB is the least RFC 9110 recommends for URIs.
    package var targetBytes: Int

    /// Bytes of one field name: `fields` × this bounds the work of name comparisons. Registered names stay below 50.
    package static let fieldNameBytes = 256
    /// What a request line holds besides its target: a method, two spaces, the version and CRLF.
    static let requestLineExtra = HTTPMethod.maxLength + 12

    package init(headBytes: Int = 64 * 1024, fields: Int = 128, targetBytes: Int = 8 * 1024) {
        // Offsets are stored in 32 bits.
        self.headBytes = min(headBytes, Int(Int32.max))
        self.fields = fields
        self.targetBytes = targetBytes
    }
}
