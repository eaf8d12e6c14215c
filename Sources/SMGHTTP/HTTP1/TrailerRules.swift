/// Which trailer fields refuse a message (RFC 9110 §6.5.1). All others are dropped, never merged into the head.
enum TrailerRules {
    /// The start of a trailer's name: as many bytes as the longest known name, and its whole length.
    struct Name {
        private var bytes: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        private var length = 0
        private static let kept = 32

        init() {}

        mutating func append(_ byte: UInt8) {
            if length < Self.kept {
                let at = length
                withUnsafeMutableBytes(of: &bytes) { $0[at] = byte }
            }
            length &+= 1
        }

        var known: KnownHeader {
            guard length <= Self.kept else { return .other }
            return withUnsafeBytes(of: bytes) { bytes in
                guard let base = bytes.baseAddress else { return .other }
                return KnownHeader.recognise(base, length)
            }
        }
    }

    /// Fields that would change where the message ends, where it goes, who sent it or how its content is read.
    static func isForbidden(_ name: Name) -> Bool {
        switch name.known {
        case .transferEncoding, .contentLength, .host, .connection, .te, .trailer, .upgrade, .expect: true
        case .authorization, .proxyAuthorization, .cookie, .setCookie, .xAPIKey: true
        case .contentType, .contentEncoding, .contentRange: true
        case .smgTargetWorker, .smgRoutingKey, .smgMCP, .smgPriority, .smgTenantID: true
        default: false
        }
    }
}
