import Testing

@testable import SMGConfig

@Suite struct WorkerURLTests {
    @Test(arguments: [
        ("http://a", "http://a", "a", 80, ""),
        ("http://a:80/", "http://a", "a", 80, ""),
        ("HTTP://Host.Example:8000", "http://host.example:8000", "host.example", 8000, ""),
        ("https://a:443", "https://a", "a", 443, ""),
        ("https://a:80", "https://a:80", "a", 80, ""),
        ("http://10.0.0.1:8000/v1/", "http://10.0.0.1:8000/v1", "10.0.0.1", 8000, "/v1"),
        ("http://a/V1/x%20y", "http://a/V1/x%20y", "a", 80, "/V1/x%20y"),
        ("http://[::1]", "http://[::1]", "::1", 80, ""),
        ("http://[2001:DB8:0:0:0:0:0:1]:9", "http://[2001:db8::1]:9", "2001:db8::1", 9, ""),
        ("http://svc_a-1.ns.svc.", "http://svc_a-1.ns.svc.", "svc_a-1.ns.svc.", 80, ""),
    ])
    func normalises(text: String, normal: String, host: String, port: Int, prefix: String) throws {
        let url = try WorkerURL(text)
        #expect(url.description == normal && url.host == host && url.port == port && url.pathPrefix == prefix)
        #expect(url.origin + prefix == normal && url.isTLS == normal.hasPrefix("https"))
        #expect(try WorkerURL(normal) == url, "normal forms are stable")
    }

    @Test(arguments: [
        ("", WorkerURL.Fault.missingScheme), ("a:8000", .missingScheme), ("://a", .missingScheme),
        ("grpc://a:1", .grpcScheme), ("grpcs://a", .grpcScheme), ("ftp://a", .otherScheme), ("unix:///x", .otherScheme),
        ("http://", .missingHost), ("http:///x", .missingHost), ("http://:80", .missingHost),
        ("http://u@a", .userInfo), ("http://u:p@a:1", .userInfo), ("http://a:1@3", .userInfo),
        ("http://a?x", .query), ("http://a/#x", .query), ("http://a#", .query),
        ("http://a:", .badPort), ("http://a:0", .badPort), ("http://a:65536", .badPort), ("http://a:+1", .badPort),
        ("http://a:1:2", .badPort), ("http://a:000080", .badPort),
        ("http://[::1", .badHost), ("http://[::1]x", .badHost), ("http://[]", .badHost),
        ("http://[fe80::1%25e]", .badHost),
        ("http://1.2.3", .badHost), ("http://300.1.1.1", .badHost), ("http://a..b", .badHost), ("http://-a", .badHost),
        ("http://.", .badHost), ("http://a%41", .badHost), ("http://::1", .missingHost),
        ("http://a//b", .badPath), ("http://a/./b", .badPath), ("http://a/..", .badPath), ("http://a//", .badPath),
        ("http://a b", .badCharacter), ("http://ä", .badCharacter), ("http://a/\u{0}", .badCharacter),
        ("http://a/{x}", .badCharacter), ("http://a\\b", .badCharacter),
    ])
    func refuses(text: String, fault: WorkerURL.Fault) {
        #expect(throws: fault) { try WorkerURL(text) }
    }

    @Test func boundsItsLength() throws {
        let prefix = String(repeating: "x", count: WorkerURL.maximumLength - "http://a/".utf8.count)
        #expect(try WorkerURL("http://a/\(prefix)").pathPrefix.count == prefix.count + 1)
        #expect(throws: WorkerURL.Fault.tooLong) { try WorkerURL("http://a/\(prefix)x") }
        #expect(throws: WorkerURL.Fault.badHost) { try WorkerURL("http://\(String(repeating: "a", count: 64))") }
    }
}

@Suite struct IPAddressTextTests {
    @Test(arguments: [
        ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("0:0:0:0:0:0:0:0", "::"), ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
        ("1:0:0:2:0:0:0:3", "1:0:0:2::3"), ("1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"), ("0:0:1::", "0:0:1::"),
        ("::ffff:1.2.3.4", "::ffff:1.2.3.4"), ("::FFFF:102:304", "::ffff:1.2.3.4"),
        ("64:ff9b::1.2.3.4", "64:ff9b::102:304"),
        ("1::2:0:0:3", "1::2:0:0:3"), ("00AB::", "ab::"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
    ])
    func canonicalForm(text: String, canonical: String) {
        #expect(HostName.canonicalIPv6(text) == canonical)
    }

    @Test(arguments: [
        "", ":", ":::", "1", "1:2", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::8", "::1::", "12345::", "g::",
        "::1.2.3", "::1.2.3.256", "::01.2.3.4", "1.2.3.4::", "1.2.3.4", ":1::2", "1::2:", "::1%e", "[::1]", "::+1",
        "::-1",
    ])
    func refusesOthers(text: String) {
        #expect(HostName.canonicalIPv6(text) == nil)
    }
}
