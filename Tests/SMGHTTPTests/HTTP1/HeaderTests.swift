import SMGBase
import Testing

@testable import SMGHTTP

@Suite struct KnownHeaderTests {
    private func recognise(_ name: String) -> KnownHeader {
        // Exactly as long as the name: reading past it would be seen by the sanitizer.
        let bytes = latin1(name)
        return bytes.withUnsafeBytes { $0.baseAddress.map { KnownHeader.recognise($0, bytes.count) } ?? .other }
    }

    @Test func everyNameIsRecognisedInAnyCase() {
        for known in KnownHeader.allCases where known != .other {
            let name =
                "\(UnsafeRawBufferPointer(start: known.name.utf8Start, count: known.name.utf8CodeUnitCount).string)"
            #expect(recognise(name) == known)
            #expect(recognise(name.uppercased()) == known)
            #expect(recognise(name + "x") != known)
            #expect(recognise(String(name.dropLast())) != known)
        }
        #expect(KnownHeader.allCases.count <= 64, "HeaderTable keeps one bit for each")
    }

    @Test func noOtherNameIsTakenForAKnownOne() {
        for known in KnownHeader.allCases where known != .other {
            let name = Array(UnsafeRawBufferPointer(start: known.name.utf8Start, count: known.name.utf8CodeUnitCount))
            for at in name.indices {
                for byte in UInt8(0x20)...255 where ASCII.lowercased(byte) != name[at] && byte != 0x7f {
                    var changed = name
                    changed[at] = byte
                    let found = changed.withUnsafeBytes { $0.baseAddress.map { KnownHeader.recognise($0, name.count) } }
                    #expect(found != known, "\(changed)")
                }
            }
        }
        #expect(recognise("") == .other && recognise("a") == .other)
        #expect(recognise(String(repeating: "a", count: 300)) == .other)
    }
}

@Suite struct FieldSyntaxTests {
    private static let alphanumeric = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

    @Test func byteSetsAreThoseOfTheRFCs() {
        let token = Set(latin1("!#$%&'*+-.^_`|~" + Self.alphanumeric))
        let path = Set(latin1("-._~%!$&'()*+,;=:@/[]" + Self.alphanumeric))
        let host = Set(latin1("-._~%" + Self.alphanumeric))
        for byte in UInt8.min...UInt8.max {
            #expect(FieldSyntax.token.contains(byte) == token.contains(byte))
            #expect(FieldSyntax.path.contains(byte) == path.contains(byte))
            #expect(FieldSyntax.host.contains(byte) == host.contains(byte))
            let isQuery = (0x21...0x7e).contains(byte) && !latin1("\"#<>").contains(byte)
            #expect(FieldSyntax.query.contains(byte) == isQuery)
        }
    }

    @Test func controlMaskIsExactInEveryLane() {
        for byte in UInt8.min...UInt8.max {
            for filler: UInt8 in [0, 0x1f, 0x20, 0x7e, 0x7f, 0x80, 0xff] {
                for lane in 0..<8 {
                    var lanes = [UInt8](repeating: filler, count: 8)
                    lanes[lane] = byte
                    let word = lanes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
                    let expected = lanes.reversed().reduce(UInt64(0)) { $0 << 8 | ($1 < 0x20 || $1 == 0x7f ? 0x80 : 0) }
                    #expect(FieldSyntax.controls(in: word) == expected)
                }
            }
        }
    }
}

@Suite struct HeaderTableTests {
    @Test func findsFieldsByKindAndByName() {
        let bytes = latin1(
            "GET / HTTP/1.1\r\nHost: h\r\nCookie: a\r\nX-Mine: 1\r\nCOOKIE: b\r\nx-mine: 2\r\n\r\n")
        var parser = RequestHeadParser()
        bytes.withUnsafeBytes { bytes in
            guard case .request(let head)? = try? parser.parse(bytes) else {
                Issue.record("not parsed")
                return
            }
            let headers = head.headers
            #expect(headers.value(.cookie, in: bytes)?.string == "a")
            #expect(headers.firstIndex(of: .cookie, from: 2) == 3)
            #expect(headers.firstIndex(of: .cookie, from: 4) == nil)
            #expect(headers.value(.origin, in: bytes) == nil && !headers.contains(.origin))
            #expect(headers.firstIndex(named: "x-mine", in: bytes) == 2)
            #expect(headers.firstIndex(named: "x-mine", from: 3, in: bytes) == 4)
            #expect(headers.firstIndex(named: "x-other", in: bytes) == nil)
            latin1("X-MINE").withUnsafeBytes { #expect(headers.firstIndex(named: $0, in: bytes) == 2) }
            #expect(headers.name(at: 4, in: bytes).string == "x-mine")
            #expect(headers.value(at: 4, in: bytes).string == "2")
        }
    }

    @Test func growsAndIsUsedAgain() {
        let table = HeaderTable()
        for round in 0..<3 {
            for i in 0..<100 { table.append(HeaderField(name: i..<i + 1, value: i..<i + 2, known: .other)) }
            #expect(table.count == 100 && table[99].name == 99..<100 && table[50].value == 50..<52)
            table.append(HeaderField(name: 0..<1, value: 0..<1, known: .smgPreempted))
            #expect(table.firstIndex(of: .smgPreempted) == 100, "round \(round)")
            table.removeAll()
            #expect(table.count == 0 && !table.contains(.smgPreempted))
        }
    }
}

@Suite struct HeaderForwardingTests {
    private func forwarded(_ fields: String, _ direction: HeaderForwarding.Direction) -> [String] {
        let bytes = latin1("GET / HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n")
        var parser = RequestHeadParser()
        return bytes.withUnsafeBytes { bytes in
            guard case .request(let head)? = try? parser.parse(bytes) else { return ["not parsed"] }
            let rules = HeaderForwarding(head.headers, in: bytes, nominatesFields: head.nominatesFields, direction)
            return (1..<head.headers.count).filter(rules.forwards)
                .map { head.headers.name(at: $0, in: bytes).string }
        }
    }

    @Test func dropsHopByHopFields() {
        let fields =
            "Connection: keep-alive\r\nKeep-Alive: 5\r\nProxy-Connection: x\r\nTE: trailers\r\nTrailer: x\r\n"
            + "Transfer-Encoding: chunked\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\nProxy-Authorization: x\r\n"
            + "Proxy-Authenticate: x\r\nProxy-Authentication-Info: x\r\nExpect: 100-continue\r\nX-A: b\r\n"
            + "Accept: */*\r\n"
        #expect(forwarded(fields, .upstream) == ["X-A", "Accept"])
        #expect(forwarded(fields, .downstream) == ["Expect", "X-A", "Accept"])
    }

    @Test func dropsNominatedFieldsExceptEndToEndOnes() {
        let fields =
            "Connection: close, X-Private\r\nx-private: 1\r\nX-Other: 2\r\nAuthorization: s\r\n"
            + "Connection: authorization , content-length, x-request-id,x-OTHER\r\nContent-Length: 3\r\n"
            + "X-Request-Id: 7\r\nX-Others: 3\r\n"
        #expect(forwarded(fields, .upstream) == ["Authorization", "Content-Length", "X-Request-Id", "X-Others"])
    }
}
