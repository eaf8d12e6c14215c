import SMGBase
import Testing

@testable import SMGHTTP

@Suite struct ResponseHeadParserTests {
    private static let ok = "HTTP/1.1 200 OK\r\n"

    /// Answers accepted: the request's method, the head, its summary.
    private static let accepted: [(HTTPMethod, String, String)] = [
        (.get, ok + "Content-Length: 5\r\n\r\n", "http11 200 contentLength(5) keep"),
        (.get, ok + "Content-Length: 0\r\n\r\n", "http11 200 none keep"),
        (.get, ok + "Transfer-Encoding: chunked\r\n\r\n", "http11 200 chunked keep"),
        (.get, ok + "\r\n", "http11 200 untilClose length"),
        (.get, ok + "Connection: close\r\nContent-Length: 5\r\n\r\n", "http11 200 contentLength(5) length"),
        (.get, ok + "Connection: x-y\r\nContent-Length: 5\r\n\r\n", "http11 200 contentLength(5) keep nominates"),
        (.head, ok + "Content-Length: 5\r\n\r\n", "http11 200 none keep"),
        (.head, ok + "Transfer-Encoding: chunked\r\n\r\n", "http11 200 none keep"),
        (.head, ok + "\r\n", "http11 200 none keep"),
        (.get, "HTTP/1.1 200\r\nContent-Length: 1\r\n\r\n", "http11 200 contentLength(1) keep"),
        (.get, "HTTP/1.1 200 \r\nContent-Length: 1\r\n\r\n", "http11 200 contentLength(1) keep"),
        (.get, "HTTP/1.1 404 Nicht \u{e4}h da\r\nContent-Length: 1\r\n\r\n", "http11 404 contentLength(1) keep"),
        (.get, "HTTP/1.0 200 OK\r\n\r\n", "http10 200 untilClose length"),
        (.get, "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n", "http10 200 contentLength(1) length"),
        (
            .get, "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\n",
            "http10 200 contentLength(1) keep"
        ),
        (.get, "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\n", "http10 200 untilClose length"),
        (.get, "HTTP/1.1 100 Continue\r\n\r\n", "http11 100 none keep"),
        (.get, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", "http11 103 none keep"),
        (.get, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", "http11 101 none keep"),
        (.get, "HTTP/1.1 204 No Content\r\n\r\n", "http11 204 none keep"),
        (.get, "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", "http11 204 none keep"),
        (.get, "HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\n", "http11 204 none length"),
        (.get, "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", "http11 204 none length"),
        (.get, "HTTP/1.1 304 Not Modified\r\nContent-Length: 30\r\n\r\n", "http11 304 none keep"),
        (.get, "HTTP/1.1 599 x\r\nContent-Length: 30\r\n\r\n", "http11 599 contentLength(30) keep"),
    ]

    private static let rejected: [(String, String)] = [
        ("\r\nHTTP/1.1 200 OK\r\n\r\n", "invalid_status_line"),
        ("ICY 200 OK\r\n\r\n", "invalid_status_line"),
        ("<html>", "invalid_status_line"),
        ("HTTP/1.1  200 OK\r\n\r\n", "invalid_status_line"),
        ("HTTP/1.1\t200 OK\r\n\r\n", "invalid_status_line"),
        ("HTTP/1.1 20 OK\r\n\r\n", "invalid_status_line"),
        ("HTTP/1.1 20\r\n\r\n", "invalid_status_line"),
        ("HTTP/1.1\r\n\r\n", "invalid_status_line"),
        ("HTTP/1.1 2000 OK\r\n\r\n", "invalid_status_line"),
        ("HTTP/1.1 200OK\r\n\r\n", "invalid_status_line"),
        ("HTTP/1.1 099 OK\r\n\r\n", "invalid_status_line"),
        ("HTTP/1.1 600 OK\r\n\r\n", "invalid_status_line"),
        ("HTTP/1.1 +20 OK\r\n\r\n", "invalid_status_line"),
        ("HTTP/1.11 200 OK\r\n\r\n", "invalid_status_line"),
        ("HTTP 200 OK\r\n\r\n\r\n", "invalid_status_line"),
        ("HTTP/2.0 200 OK\r\n\r\n", "unsupported_http_version"),
        ("HTTP/0.9 200 OK\r\n\r\n", "unsupported_http_version"),
        ("HTTP/1.1 200 O\0K\r\n\r\n", "control_character"),
        ("HTTP/1.1 200 OK\n\n", "bare_line_feed"),
        ("HTTP/1.1 200 OK\rX: y\r\n\r\n", "bare_carriage_return"),
        (ok + " X: y\r\n\r\n", "folded_line"),
        (ok + "X: y\r\n z\r\n\r\n", "folded_line"),
        (ok + "X : y\r\n\r\n", "whitespace_before_colon"),
        (ok + "X\r\n\r\n", "missing_colon"),
        (ok + "Content-Length: 1\r\nContent-Length: 1\r\n\r\n", "duplicate_content_length"),
        (ok + "Content-Length: 1, 1\r\n\r\n", "invalid_content_length"),
        (ok + "Content-Length: -1\r\n\r\n", "invalid_content_length"),
        (ok + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "content_length_with_transfer_encoding"),
        (ok + "Transfer-Encoding: gzip, chunked\r\n\r\n", "unsupported_transfer_encoding"),
        (ok + "Transfer-Encoding: identity\r\n\r\n", "unsupported_transfer_encoding"),
        ("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "transfer_encoding_in_http_1_0"),
        ("HTTP/1.1 100 Continue\r\nContent-Length: 4\r\n\r\n", "invalid_content_length"),
        ("HTTP/1.1 100 Continue\r\nTransfer-Encoding: chunked\r\n\r\n", "unsupported_transfer_encoding"),
    ]

    @Test func acceptsAnswersAndFindsTheirFraming() {
        for (method, answer, summary) in Self.accepted {
            let outcome = responseOutcome(latin1(answer), to: method)
            #expect(outcome.summary.hasPrefix(summary), "\(answer.debugDescription): \(outcome.summary)")
            #expect(outcome.summary.hasSuffix("length=\(latin1(answer).count)"))
        }
    }

    @Test func refusesWhatCouldBeReadTwoWays() {
        for (answer, code) in Self.rejected {
            #expect(responseOutcome(latin1(answer)).summary == code, "\(answer.debugDescription)")
        }
    }

    @Test func outcomeDoesNotDependOnSplits() {
        for (method, answer) in Self.accepted.map({ ($0.0, $0.1) }) + Self.rejected.map({ (.get, $0.0) }) {
            let bytes = latin1(answer)
            let whole = responseOutcome(bytes, to: method)
            for cut in 0...bytes.count {
                #expect(responseOutcome(bytes, cuts: [cut], to: method) == whole, "\(answer.debugDescription) \(cut)")
            }
            #expect(responseOutcome(bytes, cuts: Array(0...bytes.count), to: method) == whole)
        }
    }

    @Test func boundsHold() {
        let limits = HeadLimits(headBytes: 64, fields: 2)
        func outcome(_ answer: String) -> String {
            let bytes = latin1(answer)
            let summary = responseOutcome(bytes, limits: limits).summary
            #expect(responseOutcome(bytes, cuts: Array(0...bytes.count), limits: limits).summary == summary)
            return summary
        }
        #expect(outcome(Self.ok + "A: b\r\nB: c\r\n\r\n").hasPrefix("http11 200"))
        #expect(outcome(Self.ok + "A: b\r\nB: c\r\nC: d\r\n\r\n") == "too_many_fields")
        #expect(outcome(Self.ok + "A: " + String(repeating: "a", count: 40) + "\r\n\r\n").hasSuffix("length=64"))
        #expect(outcome(Self.ok + "A: " + String(repeating: "a", count: 41) + "\r\n\r\n") == "head_too_large")
        #expect(outcome(Self.ok + "A: " + String(repeating: "a", count: 90)) == "head_too_large")
    }

    @Test func skippingAnInformationalAnswerFindsTheNext() {
        let bytes = latin1("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nhi")
        var parser = ResponseHeadParser()
        bytes.withUnsafeBytes { bytes in
            guard let first = try? parser.parse(bytes, requestMethod: .post), first.isInformational else {
                Issue.record("no informational answer")
                return
            }
            let rest = UnsafeRawBufferPointer(rebasing: bytes[first.length...])
            parser.reset()
            let second = try? parser.parse(rest, requestMethod: .post)
            #expect(second?.status == 201 && second?.framing == .contentLength(2))
            #expect(second.map { rest.count - $0.length } == 2)
        }
    }
}
