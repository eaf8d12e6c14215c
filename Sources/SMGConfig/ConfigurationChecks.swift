internal import SMGBase

/// The rules a row cannot hold by itself: forms of texts, files that must exist, options that depend on each other.
struct ConfigurationChecks {
    let values: OptionValues
    let files: LocalFiles

    /// Longest path a Unix socket's address can hold, its closing zero left out.
    private static let maximumSocketPath = 107

    // MARK: - Addresses

    func listenAddress() throws(ConfigurationError) -> GatewayConfiguration.ListenAddress {
        let tcp = GatewayConfiguration.ListenAddress.tcp(host: try host("host"), port: values.integer("port"))
        guard let path = values.textIfAny("unix-socket") else { return tcp }
        // A value that is the default anyway contradicts nothing: a printed configuration holds it too.
        for name in ["host", "port"] where values.differsFromDefault(name) {
            let socketRank = values.origin(of: "unix-socket").precedence
            let rank = values.origin(of: name).precedence
            // The stronger source means what it says; only one source that says both contradicts itself.
            if rank > socketRank { return tcp }
            if rank == socketRank {
                throw conflict("unix-socket", name) { other in "cannot be combined with \(other)" }
            }
        }
        guard path.utf8.count <= Self.maximumSocketPath else {
            throw values.error(
                .outOfRange, "unix-socket",
                "longer than \(Self.maximumSocketPath) bytes, the most a socket path may have")
        }
        return .unix(path: path)
    }

    /// A name or address to listen on, without the brackets of an IPv6 address.
    func host(_ name: String) throws(ConfigurationError) -> String {
        let text = values.text(name)
        let isBracketed = text.utf8.first == UInt8(ascii: "[") && text.utf8.last == UInt8(ascii: "]")
        let host = isBracketed ? String(text.dropFirst().dropLast()) : text
        if let address = HostName.canonicalIPv6(host) { return address }
        guard !isBracketed, HostName.isNameOrIPv4(host) else {
            throw values.error(.invalidValue, name, "\(Shown.value(text)) is neither a host name nor an address")
        }
        return host
    }

    /// The metrics port, which must not be the one clients are served on.
    func metricsPort(_ name: String) throws(ConfigurationError) -> Int {
        let metrics = values.integer(name)
        guard metrics != 0, case .tcp(let host, let port) = try listenAddress(), port == metrics else { return metrics }
        let hosts = [host, try self.host("prometheus-host")]
        guard hosts[0] == hosts[1] || hosts.contains("0.0.0.0") || hosts.contains("::") else { return metrics }
        throw conflict(name, "port") { other in "\(metrics) is also the value of \(other)" }
    }

    func workerURLs(_ name: String) throws(ConfigurationError) -> [WorkerURL] {
        var urls = [WorkerURL]()
        var seen = Set<WorkerURL>()
        for text in values.texts(name) {
            let url: WorkerURL
            do { url = try WorkerURL(text) } catch {
                throw values.error(.invalidValue, name, "\(Self.shownURL(text)) \(error.explanation)")
            }
            guard seen.insert(url).inserted else {
                throw values.error(.duplicate, name, "\(Shown.value(url.description)) is given twice")
            }
            urls.append(url)
        }
        return urls
    }

    /// Origins in the form browsers send them. A star among them allows all, which is what an empty list means.
    func origins(_ name: String) throws(ConfigurationError) -> [String] {
        let texts = values.texts(name)
        guard !texts.contains("*") else { return [] }
        var origins = [String]()
        for text in texts {
            guard let origin = Self.origin(text) else {
                throw values.error(
                    .invalidValue, name,
                    "\(Self.shownURL(text)) is no origin, must be like https://chat.example.com or *")
            }
            origins.append(origin)
        }
        return origins
    }

    private static func origin(_ text: String) -> String? {
        let lower = text.lowercased()
        if lower == "null" { return lower }
        guard let mark = lower.utf8.firstRange(of: "://".utf8), mark.lowerBound != lower.startIndex else { return nil }
        let rest = lower.utf8[mark.upperBound...]
        guard !rest.isEmpty, rest.allSatisfy({ isVisible($0) && !"/?#@".utf8.contains($0) }) else { return nil }
        guard lower.hasPrefix("http://") || lower.hasPrefix("https://") else { return lower }
        return (try? WorkerURL(lower))?.origin
    }

    /// A refused URL as an error may repeat it: without what could be a password or a key.
    private static func shownURL(_ text: String) -> String {
        guard !text.utf8.contains(UInt8(ascii: "@")) else { return "a URL with an @ (not shown)" }
        let query = text.utf8.firstIndex { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") }
        return Shown.value(query.map { String(text[..<$0]) + "?…" } ?? text)
    }

    // MARK: - Texts

    /// A word of a choice; the row has refused all others.
    func word<Word: RawRepresentable<String>>(_ name: String) -> Word {
        guard let word = Word(rawValue: values.text(name)) else {
            fatalError("option \(name) has a word without a case")
        }
        return word
    }

    /// A key as the Authorization header can carry it.
    func key(_ name: String) throws(ConfigurationError) -> Secret? {
        guard let key = values.secretIfAny(name) else { return nil }
        guard key.value.utf8.allSatisfy(Self.isVisible) else {
            throw values.error(.invalidValue, name, "must be ASCII without spaces")
        }
        return key
    }

    /// Header names in lower case.
    func headerNames(_ name: String) throws(ConfigurationError) -> [String] {
        var names = [String]()
        for text in values.texts(name) {
            guard text.utf8.allSatisfy(Self.isTokenByte) else {
                throw values.error(.invalidValue, name, "\(Shown.value(text)) is no header name")
            }
            let lower = text.lowercased()
            guard !names.contains(lower) else {
                throw values.error(.duplicate, name, "\(Shown.value(lower)) is given twice")
            }
            names.append(lower)
        }
        return names
    }

    /// The path (and query, if any) of a request.
    func requestPath(_ name: String) throws(ConfigurationError) -> String {
        let path = values.text(name)
        guard path.utf8.first == UInt8(ascii: "/"),
            path.utf8.allSatisfy({ Self.isVisible($0) && $0 != UInt8(ascii: "#") })
        else { throw values.error(.invalidValue, name, "\(Shown.value(path)) is no path, must be like /health") }
        return path
    }

    func rising(_ name: String) throws(ConfigurationError) -> [Double] {
        let numbers = values.numbers(name)
        for (a, b) in zip(numbers, numbers.dropFirst()) where a >= b {
            throw values.error(
                .invalidValue, name, "must rise, but \(NumberText.shown(b)) follows \(NumberText.shown(a))")
        }
        guard !numbers.isEmpty else { throw values.error(.missingValue, name, "needs at least one number") }
        return numbers
    }

    private static func isVisible(_ byte: UInt8) -> Bool { byte > 0x20 && byte < 0x7f }

    /// Bytes of a header name (RFC 9110, section 5.6.2).
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        isVisible(byte) && !"\"(),/:;<=>?@[\\]{}".utf8.contains(byte)
    }

    // MARK: - Files

    /// Two files that need each other, both readable, or neither.
    func certificatePair(
        _ certificate: String, _ key: String
    ) throws(ConfigurationError) -> GatewayConfiguration.CertificatePair? {
        switch (values.textIfAny(certificate), values.textIfAny(key)) {
        case (nil, nil): return nil
        case (let certificatePath?, let keyPath?):
            try checkReadable(certificatePath, of: certificate)
            try checkReadable(keyPath, of: key)
            return .init(certificatePath: certificatePath, keyPath: keyPath)
        case (_?, nil): throw values.error(.conflict, certificate, "needs \(spelling(key, beside: certificate)) too")
        case (nil, _?): throw values.error(.conflict, key, "needs \(spelling(certificate, beside: key)) too")
        }
    }

    func readablePaths(_ name: String) throws(ConfigurationError) -> [String] {
        let paths = values.texts(name)
        for path in paths { try checkReadable(path, of: name) }
        return paths
    }

    /// The path of a file that can be read; nil when the option is not set.
    func readablePath(_ name: String) throws(ConfigurationError) -> String? {
        guard let path = values.textIfAny(name) else { return nil }
        try checkReadable(path, of: name)
        return path
    }

    private func checkReadable(_ path: String, of name: String) throws(ConfigurationError) {
        do { try files.check(path) } catch {
            throw values.error(.unreadableFile, name, "\(Shown.value(path)) \(error.explanation)")
        }
    }

    // MARK: - Options together

    /// An error about two options that contradict each other. The one set by the stronger source is to blame; `text`
    /// gets the other one's name as that source spells it.
    func conflict(_ first: String, _ second: String, _ text: (_ other: String) -> String) -> ConfigurationError {
        let secondIsStronger = values.origin(of: second).precedence > values.origin(of: first).precedence
        let (blamed, other) = secondIsStronger ? (second, first) : (first, second)
        return values.error(.conflict, blamed, text(spelling(other, beside: blamed)))
    }

    private func spelling(_ other: String, beside name: String) -> String {
        values.origin(of: name).spelling(of: other)
    }

    /// What is allowed but probably not meant.
    func warnings() -> [String] {
        var warnings = [String]()
        if values.text("policy") == RoutingPolicy.powerOfTwo.rawValue, values.texts("worker-urls").count < 2 {
            warnings.append("policy power_of_two chooses between two workers, but fewer are listed so far")
        }
        if values.integerIfAny("rate-limit-tokens-per-second") ?? 0 > 0, values.integer("max-concurrent-requests") <= 0
        {
            warnings.append("rate-limit-tokens-per-second has no effect without max-concurrent-requests")
        }
        if values.duration("health-check-timeout-secs") > values.duration("health-check-interval-secs") {
            warnings.append("health-check-timeout-secs is longer than health-check-interval-secs")
        }
        return warnings
    }
}
