import SMGBase
import Testing

@testable import SMGHTTP

@Suite struct ChunkedDecoderTests {
    /// Bodies accepted, and their payload.
    private static let complete: [(String, String)] = [
        ("0\r\n\r\n", ""),
        ("5\r\nhello\r\n0\r\n\r\n", "hello"),
        ("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", "hello world"),
        ("A\r\n0123456789\r\n0\r\n\r\n", "0123456789"),
        ("a\r\n0123456789\r\n00\r\n\r\n", "0123456789"),
        ("0000000000000005\r\nhello\r\n0000\r\n\r\n", "hello"),
        ("5;a=b\r\nhello\r\n0;x\r\n\r\n", "hello"),
        ("5 ; a = \"b;c\"\r\nhello\r\n0\r\n\r\n", "hello"),
        ("5 \t;\r\nhello\r\n0\r\n\r\n", "hello"),
        ("2\r\n\r\n\r\n0\r\n\r\n", "\r\n"),
        ("0\r\nX-Checksum: 1\r\n\r\n", ""),
        ("1\r\nx\r\n0\r\nA:\r\nB: c d\te\r\n\r\n", "x"),
        ("1\r\nx\r\n0\r\n\(String(repeating: "n", count: 40)): v\r\n\r\nGET / HTTP/1.1\r\n", "x"),
        ("0\r\nHosts: x\r\nContent-Lengths: 1\r\n\r\n", ""),
    ]

    private static let failed: [(String, String)] = [
        ("\r\n", "invalid_chunk_size"),
        (";\r\n", "invalid_chunk_size"),
        (" 5\r\nhello\r\n", "invalid_chunk_size"),
        ("+5\r\nhello\r\n", "invalid_chunk_size"),
        ("-5\r\nhello\r\n", "invalid_chunk_size"),
        ("0x5\r\nhello\r\n", "invalid_chunk_size"),
        ("5x\r\nhello\r\n", "invalid_chunk_size"),
        ("g\r\n", "invalid_chunk_size"),
        ("5 \r\nhello\r\n", "invalid_chunk_size"),
        ("5 5\r\nhello\r\n", "invalid_chunk_size"),
        ("5\0\r\nhello\r\n", "invalid_chunk_size"),
        ("5,5\r\nhello\r\n", "invalid_chunk_size"),
        ("\u{b2}\r\n", "invalid_chunk_size"),
        ("5\nhello\r\n", "bare_line_feed"),
        ("5\rhello\r\n", "bare_carriage_return"),
        ("5\r\r\nhello\r\n", "bare_carriage_return"),
        ("5;a\nhello\r\n", "bare_line_feed"),
        ("5;a\rb\r\nhello\r\n", "bare_carriage_return"),
        ("5;a\0\r\n", "invalid_chunk_extension"),
        ("5;\u{7f}\r\n", "invalid_chunk_extension"),
        ("00000000000000005\r\nhello\r\n", "chunk_size_too_long"),
        ("ffffffffffffffff\r\n", "chunk_size_too_long"),
        ("8000000000000000\r\n", "chunk_size_too_long"),
        ("10000000000000000\r\n", "chunk_size_too_long"),
        ("5\r\nhello0\r\n\r\n", "invalid_chunk_end"),
        ("5\r\nhello\n0\r\n\r\n", "invalid_chunk_end"),
        ("5\r\nhello\r0\r\n\r\n", "invalid_chunk_end"),
        ("5\r\nhello!\r\n0\r\n\r\n", "invalid_chunk_end"),
        ("5\r\nhell\r\n0\r\n\r\n", "invalid_chunk_end"),
        ("0\r\n\n", "invalid_trailer"),
        ("0\r\n\rX", "bare_carriage_return"),
        ("0\r\n A: b\r\n\r\n", "invalid_trailer"),
        ("0\r\nA: b\r\n c\r\n\r\n", "invalid_trailer"),
        ("0\r\nA : b\r\n\r\n", "invalid_trailer"),
        ("0\r\nA\r\n\r\n", "invalid_trailer"),
        ("0\r\n: b\r\n\r\n", "invalid_trailer"),
        ("0\r\nA: \0\r\n\r\n", "invalid_trailer"),
        ("0\r\nA: b\n\r\n", "bare_line_feed"),
        ("0\r\nA: b\rc\r\n\r\n", "bare_carriage_return"),
        ("0\r\nContent-Length: 5\r\n\r\n", "forbidden_trailer"),
        ("0\r\nA: b\r\nTRANSFER-encoding: chunked\r\n\r\n", "forbidden_trailer"),
        ("0\r\nHost: evil\r\n\r\n", "forbidden_trailer"),
        ("0\r\nAuthorization: x\r\n\r\n", "forbidden_trailer"),
        ("0\r\nX-SMG-Tenant-Id: x\r\n\r\n", "forbidden_trailer"),
        ("0\r\nGET / HTTP/1.1\r\n\r\n", "invalid_trailer"),
    ]

    @Test func decodesBodies() {
        for (body, payload) in Self.complete {
            guard case .complete(let found, let consumed) = chunkOutcome(latin1(body)) else {
                Issue.record("\(body.debugDescription) is not complete")
                continue
            }
            #expect(found == latin1(payload))
            #expect(consumed == body.utf8.count - (body.hasSuffix("GET / HTTP/1.1\r\n") ? 16 : 0))
        }
    }

    @Test func refusesMalformedBodies() {
        for (body, code) in Self.failed {
            #expect(chunkOutcome(latin1(body)) == .failed(code: code), "\(body.debugDescription)")
        }
    }

    @Test func agreesWithTheGrammarAtEverySplit() {
        for body in Self.complete.map(\.0) + Self.failed.map(\.0) {
            let bytes = latin1(body)
            let expected = NaiveChunks.decode(bytes)
            for cut in 0...bytes.count {
                #expect(chunkOutcome(bytes, cuts: [cut]) == expected, "\(body.debugDescription) cut at \(cut)")
                let part = Array(bytes[..<cut])
                #expect(chunkOutcome(part) == NaiveChunks.decode(part), "\(body.debugDescription) up to \(cut)")
            }
            #expect(chunkOutcome(bytes, cuts: Array(0...bytes.count)) == expected, "\(body.debugDescription)")
        }
    }

    @Test func agreesWithTheGrammarOnChangedBytes() {
        var random = FastRandom(seed: 7)
        let alphabet = latin1("0159afF;: \t\r\n\0x-\u{80}")
        for _ in 0..<4000 {
            var bytes = latin1(Self.complete[random.below(Self.complete.count)].0)
            for _ in 0...random.below(3) {
                let at = random.below(bytes.count)
                let byte = alphabet[random.below(alphabet.count)]
                if random.below(2) == 0 { bytes[at] = byte } else { bytes.insert(byte, at: at) }
            }
            let expected = NaiveChunks.decode(bytes)
            #expect(chunkOutcome(bytes) == expected, "\(bytes)")
            #expect(chunkOutcome(bytes, cuts: randomCuts(bytes.count, &random)) == expected, "\(bytes)")
        }
    }

    @Test func boundsHold() {
        let allowed = "1;" + String(repeating: "e", count: ChunkedDecoder.extensionBytes)
        #expect(chunkOutcome(latin1(allowed + "\r\nx\r\n0\r\n\r\n")) == .complete(payload: [120], consumed: 4108))
        #expect(chunkOutcome(latin1(allowed + "e")) == .failed(code: "chunk_extension_too_long"))
        // The bound is on the body, not on the chunk.
        #expect(chunkOutcome(latin1(allowed + "\r\nx\r\n1;e")) == .failed(code: "chunk_extension_too_long"))
        func trailers(_ count: Int) -> [UInt8] {
            latin1("0\r\nA: " + String(repeating: "t", count: count - 7) + "\r\n\r\n")
        }
        let bound = ChunkedDecoder.trailerBytes
        #expect(chunkOutcome(trailers(bound)) == .complete(payload: [], consumed: bound + 3))
        #expect(chunkOutcome(trailers(bound + 1)) == .failed(code: "trailers_too_large"))
        for bytes in [trailers(bound - 1), trailers(bound), trailers(bound + 1), trailers(bound + 5)] {
            #expect(chunkOutcome(bytes) == NaiveChunks.decode(bytes))
        }
        // A size near the largest is accepted, and then simply never arrives.
        #expect(chunkOutcome(latin1("7fffffffffffffff\r\nabc")) == .incomplete(payload: latin1("abc")))
    }

    @Test func payloadIsNotCopied() {
        let bytes = latin1("5\r\nhello\r\n0\r\n\r\n")
        bytes.withUnsafeBytes { bytes in
            var decoder = ChunkedDecoder()
            var place: UnsafeRawPointer?
            _ = try? decoder.decode(bytes) { place = $0.baseAddress }
            #expect(place == bytes.baseAddress.map { $0 + 3 })
            #expect(decoder.isFinished)
        }
    }
}

@Suite struct BodyDecoderTests {
    /// Feeds `text` in one go: payload, bytes consumed, whether it ended, and what the end of input means then.
    private func run(_ framing: MessageFraming, _ text: String) -> (String, Int, Bool, BodyDecoder.EndOfInput) {
        var decoder = BodyDecoder(framing)
        var payload = ""
        var result = (consumed: 0, finished: false)
        latin1(text).withUnsafeBytes { bytes in
            result = (try? decoder.decode(bytes) { payload += $0.string }) ?? (-1, false)
        }
        #expect(decoder.isFinished == result.finished)
        return (payload, result.consumed, result.finished, decoder.endOfInput())
    }

    @Test func knowsWhereBodiesEnd() {
        #expect(run(.none, "GET") == ("", 0, true, .complete))
        #expect(run(.contentLength(0), "GET") == ("", 0, true, .complete))
        #expect(run(.contentLength(3), "abcGET") == ("abc", 3, true, .complete))
        #expect(run(.contentLength(3), "abc") == ("abc", 3, true, .complete))
        #expect(run(.contentLength(4), "abc") == ("abc", 3, false, .truncated))
        #expect(run(.contentLength(4), "") == ("", 0, false, .truncated))
        #expect(run(.chunked, "3\r\nabc\r\n0\r\n\r\nGET") == ("abc", 13, true, .complete))
        #expect(run(.chunked, "3\r\nabc\r\n0\r\n") == ("abc", 11, false, .truncated))
        #expect(run(.chunked, "3\r\nab") == ("ab", 5, false, .truncated))
        #expect(run(.chunked, "") == ("", 0, false, .truncated))
        #expect(run(.untilClose, "abc") == ("abc", 3, false, .complete))
        #expect(run(.untilClose, "") == ("", 0, false, .complete))
    }

    @Test func countsDownOverManyReads() {
        var decoder = BodyDecoder(.contentLength(10))
        for round in 0..<5 {
            latin1("ab").withUnsafeBytes { bytes in
                let result = try? decoder.decode(bytes) { #expect($0.count == 2) }
                #expect(result?.consumed == 2 && result?.finished == (round == 4))
            }
        }
        #expect(decoder.isFinished && decoder.endOfInput() == .complete)
    }

    @Test func untilCloseFinishesWithTheInput() {
        var decoder = BodyDecoder(.untilClose)
        #expect(!decoder.isFinished)
        #expect(decoder.endOfInput() == .complete)
        #expect(decoder.isFinished)
    }
}
