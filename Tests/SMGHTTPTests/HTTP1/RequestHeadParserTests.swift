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
}
