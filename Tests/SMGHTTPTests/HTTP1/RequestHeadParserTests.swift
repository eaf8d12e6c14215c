import SMGBase
import Testing

@testable import SMGHTTP

@Suite struct RequestHeadParserTests {
    @Test func readsAnOrdinaryRequest() {
        let request =
            "POST /v1/chat/completions?a=1 HTTP/1.1\r\nHost: gw:3000\r\nContent-Type: application/json\r\n"
            + "Content-Length: 12\r\nX-Empty:\r\nAuthorization:  Bearer x \t\r\n\r\n"
        let outcome = requestOutcome(Array(request.utf8))
        #expect(
            outcome.summary
                == "post(POST) /v1/chat/completions?a=1 path=/v1/chat/completions query=a=1 authority=gw:3000 http11 "
                + "contentLength(12) keep length=\(request.utf8.count)")
        #expect(
            outcome.fields == [
                "host:Host=gw:3000", "contentType:Content-Type=application/json", "contentLength:Content-Length=12",
                "other:X-Empty=", "authorization:Authorization=Bearer x",
            ])
    }

    @Test func acceptsWhatRFC9112Allows() {
        #expect(RequestHeadCases.accepted.count + RequestHeadCases.rejected.count >= 120)
        for (request, parts) in RequestHeadCases.accepted {
            let outcome = requestOutcome(latin1(request)).description
            for part in parts { #expect(outcome.contains(part), "\(request.debugDescription): \(outcome)") }
        }
    }

    @Test func refusesWhatCouldBeReadTwoWays() {
        for (request, code) in RequestHeadCases.rejected {
            let outcome = requestOutcome(latin1(request))
            #expect(outcome.summary == code, "\(request.debugDescription)")
        }
    }

    @Test func waitsForTheRest() {
        for request in RequestHeadCases.incomplete {
            #expect(requestOutcome(latin1(request)).summary == "incomplete", "\(request.debugDescription)")
        }
    }

    @Test func outcomeDoesNotDependOnSplits() {
        var random = FastRandom(seed: 1)
        let all =
            RequestHeadCases.accepted.map(\.0) + RequestHeadCases.rejected.map(\.0) + RequestHeadCases.incomplete
        for request in all {
            let bytes = latin1(request)
            let whole = requestOutcome(bytes)
            for cut in 0...bytes.count {
                #expect(requestOutcome(bytes, cuts: [cut]) == whole, "\(request.debugDescription) cut at \(cut)")
            }
            #expect(requestOutcome(bytes, cuts: Array(0...bytes.count)) == whole, "\(request.debugDescription)")
            for _ in 0..<5 {
                let cuts = randomCuts(bytes.count, &random)
                #expect(requestOutcome(bytes, cuts: cuts) == whole, "\(request.debugDescription) \(cuts)")
            }
        }
    }

    @Test func everyByteOfEveryHeadMayBeWrong() {
        // No trap and no dependence on splits, whatever one byte is replaced by.
        let bytes = latin1(RequestHeadCases.post + "Content-Length: 10\r\nA: b\r\n\r\n")
        for at in bytes.indices {
            for byte in stride(from: UInt8(0), through: 255, by: 5) {
                var changed = bytes
                changed[at] = byte
                #expect(requestOutcome(changed, cuts: [at, at + 1]) == requestOutcome(changed))
            }
        }
    }

    @Test func boundsHold() {
        let limits = HeadLimits(headBytes: 200, fields: 3, targetBytes: 40)
        func outcome(_ request: String, _ cuts: [Int] = []) -> String {
            let bytes = latin1(request)
            let summary = requestOutcome(bytes, cuts: cuts, limits: limits).summary
            #expect(requestOutcome(bytes, cuts: Array(0...bytes.count), limits: limits).summary == summary)
            return summary
        }
        let get = RequestHeadCases.get
        #expect(outcome(get + "A: a\r\nB: b\r\n\r\n").hasPrefix("get"))
        #expect(outcome(get + "A: a\r\nB: b\r\nC: c\r\n\r\n") == "too_many_fields")
        func target(_ count: Int) -> String {
            "GET /\(String(repeating: "a", count: count - 1)) HTTP/1.1\r\nHost: h\r\n\r\n"
        }
        #expect(outcome(target(40)).hasPrefix("get"))
        #expect(outcome(target(41)) == "target_too_long")
        #expect(outcome(target(300)) == "target_too_long")
        #expect(outcome("GET /" + String(repeating: "a", count: 100)) == "target_too_long")
        func head(_ count: Int) -> String {
            get + "A: " + String(repeating: "a", count: count - get.utf8.count - 7) + "\r\n\r\n"
        }
        #expect(head(200).utf8.count == 200)
        #expect(outcome(head(200)).hasSuffix("length=200"))
        #expect(outcome(head(201)) == "head_too_large")
        #expect(outcome(head(1000)) == "head_too_large")
        #expect(outcome(get + "A: " + String(repeating: "a", count: 500)) == "head_too_large")
        // The field-name bound is inclusive.
        let name = String(repeating: "n", count: HeadLimits.fieldNameBytes)
        #expect(requestOutcome(latin1(get + name + ": x\r\n\r\n")).fields.last == "other:\(name)=x")
    }

    @Test func startsOverForTheNextRequest() {
        var parser = RequestHeadParser()
        let first = latin1(RequestHeadCases.post + "Transfer-Encoding: chunked\r\nConnection: x\r\n\r\n")
        let second = latin1("GET /next HTTP/1.0\r\n\r\n")
        first.withUnsafeBytes { bytes in
            guard case .request(let head)? = try? parser.parse(bytes) else {
                Issue.record("not parsed")
                return
            }
            #expect(head.framing == .chunked && head.nominatesFields && head.headers.count == 3)
            // Asking again gives the same head.
            guard case .request(let again)? = try? parser.parse(bytes) else {
                Issue.record("not parsed again")
                return
            }
            #expect(again === head)
        }
        parser.reset()
        second.withUnsafeBytes { bytes in
            guard case .request(let head)? = try? parser.parse(bytes) else {
                Issue.record("not parsed")
                return
            }
            #expect(head.framing == .none && !head.nominatesFields && !head.keepAlive && head.headers.count == 0)
            #expect(head.authority.isEmpty && bytes.slice(head.path).equals("/next"))
        }
    }
}
