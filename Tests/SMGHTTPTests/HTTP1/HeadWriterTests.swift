import SMGBase
import Testing

@testable import SMGHTTP

@Suite struct HeadWriterTests {
    private func written(_ body: (HeadWriter) -> Void) -> String {
        let buffer = ByteBuffer(capacity: 16)
        body(HeadWriter(buffer))
        return buffer.readableString
    }

    @Test func everyStatusLineIsWellFormed() {
        for status in 100...999 {
            let line = written { $0.statusLine(status) }
            let reason = HTTPStatus.reason(status)
            let expected = UnsafeRawBufferPointer(start: reason.utf8Start, count: reason.utf8CodeUnitCount).string
            #expect(line == "HTTP/1.1 \(status) \(expected)\r\n")
            if status < 600 {
                let outcome = responseOutcome(latin1(line + "content-length: 0\r\n\r\n"))
                #expect(outcome.summary.hasPrefix("http11 \(status) "))
            }
        }
        #expect(written { $0.statusLine(7) } == "HTTP/1.1 100 \r\n")
    }

    @Test func writesAnAnswerHead() {
        var date = HTTPDate()
        let head = written { writer in
            writer.statusLine(200)
            writer.field("content-type", "application/json")
            writer.framing(.contentLength(12))
            writer.field("x-count", 3)
            writer.field("x-text", text: "a\r\nset-cookie: evil\0\u{7f}é")
            writer.date(784_111_777, &date)
            writer.end()
        }
        #expect(
            head == "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 12\r\nx-count: 3\r\n"
                + "x-text: a  set-cookie: evil  é\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n")
    }

    @Test func writesARequestHeadFromAParsedOne() {
        let bytes = latin1("PURGE /a?b HTTP/1.1\r\nHost: h\r\nX-A:  b \r\n\r\n")
        var parser = RequestHeadParser()
        bytes.withUnsafeBytes { bytes in
            guard case .request(let head)? = try? parser.parse(bytes) else {
                Issue.record("not parsed")
                return
            }
            let text = written { writer in
                writer.requestLine(method: bytes.slice(head.methodText), target: bytes.slice(head.target))
                writer.field(head.headers.name(at: 1, in: bytes), head.headers.value(at: 1, in: bytes))
                writer.field("host", bytes.slice(head.authority))
                writer.framing(.none)
                writer.framing(.chunked)
                writer.end()
            }
            #expect(text == "PURGE /a?b HTTP/1.1\r\nX-A: b\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n")
        }
        #expect(written { $0.requestLine(method: .get, target: "/health") } == "GET /health HTTP/1.1\r\n")
    }

    @Test func chunksReadBack() {
        let buffer = ByteBuffer(capacity: 16)
        let writer = HeadWriter(buffer)
        var expected: [UInt8] = []
        for count in [1, 0, 15, 16, 255, 4096] {
            let payload = [UInt8](repeating: UInt8(truncatingIfNeeded: count), count: count)
            payload.withUnsafeBytes(writer.chunk)
            expected += payload
        }
        writer.lastChunk()
        #expect(chunkOutcome(Array(buffer.readable)) == .complete(payload: expected, consumed: buffer.readableCount))
    }
}

@Suite struct HTTPDateTests {
    private func text(_ seconds: Int64) -> String {
        let buffer = ByteBuffer(capacity: 32)
        var date = HTTPDate()
        date.append(seconds, to: buffer)
        return buffer.readableString
    }

    @Test(arguments: [
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (951_782_399, "Mon, 28 Feb 2000 23:59:59 GMT"), (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
        (951_868_800, "Wed, 01 Mar 2000 00:00:00 GMT"), (1_709_164_800, "Thu, 29 Feb 2024 00:00:00 GMT"),
        (1_735_689_599, "Tue, 31 Dec 2024 23:59:59 GMT"), (2_147_483_648, "Tue, 19 Jan 2038 03:14:08 GMT"),
        (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"), (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
        (253_402_300_800, "Fri, 31 Dec 9999 23:59:59 GMT"), (-5, "Thu, 01 Jan 1970 00:00:00 GMT"),
    ])
    func formats(seconds: Int64, expected: String) { #expect(text(seconds) == expected) }

    @Test func everyDayFollowsTheOneBefore() {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let names = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        var (year, month, day) = (1970, 1, 1)
        // Past 2100, which is no leap year.
        for number in 0..<50_000 {
            let twoDigits = day < 10 ? "0\(day)" : "\(day)"
            let expected = "\(names[number % 7]), \(twoDigits) \(months[month - 1]) \(year) 12:00:00 GMT"
            #expect(text(Int64(number) * 86_400 + 43_200) == expected)
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            day += 1
            if day > lengths[month - 1] { (month, day) = (month + 1, 1) }
            if month > 12 { (year, month) = (year + 1, 1) }
        }
    }

    @Test func theKeptTextFollowsTheClock() {
        let buffer = ByteBuffer(capacity: 128)
        var date = HTTPDate()
        for seconds: Int64 in [59, 59, 60] { date.append(seconds, to: buffer) }
        #expect(
            buffer.readableString == "Thu, 01 Jan 1970 00:00:59 GMT" + "Thu, 01 Jan 1970 00:00:59 GMT"
                + "Thu, 01 Jan 1970 00:01:00 GMT")
    }
}

@Suite struct HTTPParseErrorTests {
    @Test func codesAreStableLabels() {
        var seen: Set<String> = []
        for error in HTTPParseError.allCases {
            #expect(error.code.allSatisfy { $0 == "_" || $0.isLowercase || $0.isNumber })
            #expect(seen.insert(error.code).inserted)
            #expect([400, 414, 417, 431, 501, 505].contains(error.status))
        }
    }
}
