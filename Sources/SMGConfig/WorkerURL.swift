internal import SMGBase

/// The base URL of a worker in its one normal form: `http://host:port/prefix`.
///
/// Scheme and host are lower-case, a port that the scheme implies is left out, IPv6 addresses are in brackets and in
/// their canonical text, and there is no trailing slash. Equal workers therefore compare equal.
package struct WorkerURL: Sendable, Hashable, CustomStringConvertible {
    /// Why a text is no worker URL.
    package enum Fault: String, Error, Sendable {
        case tooLong = "too_long"
        case badCharacter = "bad_character"
        case missingScheme = "missing_scheme"
        case grpcScheme = "grpc_scheme"
        case otherScheme = "other_scheme"
        case userInfo = "user_info"
        case query = "query"
        case missingHost = "missing_host"
        case badHost = "bad_host"
        case badPort = "bad_port"
        case badPath = "bad_path"

        /// What is wrong, in words that fit behind the URL.
        package var explanation: String {
            switch self {
            case .tooLong: "is longer than \(WorkerURL.maximumLength) bytes"
            case .badCharacter: "contains a character that URLs must write as %XX (hosts in punycode)"
            case .missingScheme: "must begin with http:// or https://"
            case .grpcScheme: "names a gRPC worker, which is not supported yet; use http:// or https://"
            case .otherScheme: "has an unknown scheme, must be http:// or https://"
            case .userInfo: "must not hold a user name or password"
            case .query: "must not have a query or fragment"
            case .missingHost: "has no host"
            case .badHost: "has a host that is neither a name nor an address"
            case .badPort: "has a port that is not between 1 and 65535"
            case .badPath: "has a path with an empty, . or .. segment"
            }
        }
    }

    /// Longest URL in bytes: a name of 253, a port and a path prefix never come near it.
    package static let maximumLength = 2048

    package let isTLS: Bool
    /// A host name or address in lower case, IPv6 without brackets.
    package let host: String
    package let port: Int
    /// What every request path is put behind: empty, or `/` and segments without a trailing slash.
    package let pathPrefix: String
    /// The host, in brackets if IPv6, with the port unless the scheme implies it: the value of a Host header.
    package let authority: String

    package var scheme: String { isTLS ? "https" : "http" }

    /// Scheme, host and port: what a connection pool is keyed by.
    package var origin: String { "\(scheme)://\(authority)" }

    package var description: String { origin + pathPrefix }

    package init(_ text: String) throws(Fault) {
        guard text.utf8.count <= Self.maximumLength else { throw .tooLong }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && !Self.isReserved($0) }) else { throw .badCharacter }
        guard let mark = text.utf8.firstRange(of: "://".utf8) else { throw .missingScheme }
        isTLS = try Self.tls(of: String(Substring(text.utf8[..<mark.lowerBound])).lowercased())
        let rest = text.utf8[mark.upperBound...]
        let slash = rest.firstIndex { $0 == UInt8(ascii: "/") || Self.startsQuery($0) } ?? rest.endIndex
        let endpoint = rest[..<slash]
        guard !endpoint.contains(UInt8(ascii: "@")) else { throw .userInfo }
        guard !rest[slash...].contains(where: Self.startsQuery) else { throw .query }
        let (name, digits) = try Self.split(endpoint)
        let implied = isTLS ? 443 : 80
        port = try digits.map { digits throws(Fault) in try Self.port(digits) } ?? implied
        let literal = name.first == UInt8(ascii: "[")
        host = try literal ? Self.address6(name) : Self.name(name)
        let bracketed = literal ? "[\(host)]" : host
        authority = port == implied ? bracketed : "\(bracketed):\(port)"
        pathPrefix = try Self.path(rest[slash...])
    }

    // MARK: - Parts

    /// Characters RFC 3986 allows nowhere in a URL.
    private static func isReserved(_ byte: UInt8) -> Bool {
        "\"<>\\^`{|}".utf8.contains(byte)
    }

    private static func startsQuery(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#")
    }

    private static func tls(of scheme: String) throws(Fault) -> Bool {
        switch scheme {
        case "http": return false
        case "https": return true
        case "grpc", "grpcs": throw .grpcScheme
        case "": throw .missingScheme
        default: throw .otherScheme
        }
    }

    /// Host (brackets kept) and port digits of `host`, `host:port` or `[address]:port`.
    private static func split(_ endpoint: Substring.UTF8View) throws(Fault) -> (Substring.UTF8View, Substring.UTF8View?)
    {
        guard !endpoint.isEmpty else { throw .missingHost }
        let colon: Substring.UTF8View.Index?
        if endpoint.first == UInt8(ascii: "[") {
            guard let close = endpoint.firstIndex(of: UInt8(ascii: "]")) else { throw .badHost }
            let behind = endpoint.index(after: close)
            guard behind == endpoint.endIndex || endpoint[behind] == UInt8(ascii: ":") else { throw .badHost }
            colon = behind == endpoint.endIndex ? nil : behind
        } else {
            colon = endpoint.firstIndex(of: UInt8(ascii: ":"))
        }
        guard let colon else { return (endpoint, nil) }
        guard colon != endpoint.startIndex else { throw .missingHost }
        return (endpoint[..<colon], endpoint[endpoint.index(after: colon)...])
    }

    private static func port(_ digits: Substring.UTF8View) throws(Fault) -> Int {
        guard (1...5).contains(digits.count), digits.allSatisfy(ASCII.isDigit),
            let port = Int(Substring(digits)), (1...65535).contains(port)
        else { throw .badPort }
        return port
    }

    /// The canonical text of a bracketed IPv6 address. Zones are local to one machine and refused.
    private static func address6(_ bracketed: Substring.UTF8View) throws(Fault) -> String {
        let text = String(Substring(bracketed.dropFirst().dropLast()))
        guard let canonical = HostName.canonicalIPv6(text) else { throw .badHost }
        return canonical
    }

    private static func name(_ bytes: Substring.UTF8View) throws(Fault) -> String {
        let name = String(Substring(bytes)).lowercased()
        guard HostName.isNameOrIPv4(name) else { throw .badHost }
        return name
    }

    private static func path(_ bytes: Substring.UTF8View) throws(Fault) -> String {
        guard bytes.count > 1 else { return "" }
        let trimmed = bytes.last == UInt8(ascii: "/") ? bytes.dropLast() : bytes
        let segments = trimmed.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        for segment in segments
        where segment.isEmpty || segment.elementsEqual(".".utf8) || segment.elementsEqual("..".utf8) {
            throw .badPath
        }
        return String(Substring(trimmed))
    }
}
