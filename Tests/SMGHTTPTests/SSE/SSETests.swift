import SMGBase
import Testing

@testable import SMGHTTP

/// Streams that contain every shape a line can have.
private let streams: [String] = [
    "", "\n", "\r", "\r\n", "\n\n", ":\n\n", "data", "data\n", "data\n\n", "data:\n\n", "data: \n\n", "data:  a\n\n",
    "data: a\n\n", "data: a\r\r", "data: a\r\n\r\n", "data: a\n\r", "data: a\r\n\r", "data: a\r\r\n", "data: a\n",
    "data: a\ndata: b\n\n", "data\ndata\n\n", "data: a\n\ndata: b\n\n", "\u{FEFF}data: a\n\n", "\u{FEFF}\ndata: a\n\n",
    "\u{FEFF}\u{FEFF}data: a\n\n", " data: a\n\n", "data : a\n\n", "Data: a\n\n", "datax: a\n\n", "dat: a\n\n",
    ": comment\n\ndata: a\n\n", ": ping\n", "event: x\ndata: a\n\ndata: b\n\n", "event: x\n\ndata: a\n\n",
    "id: 1\ndata: a\n\ndata: b\n\nid\ndata: c\n\n", "id: a\0b\ndata: a\n\n",
    "retry: 10\ndata: a\n\nretry: 1x\ndata: b\n\n",
    "retry: 99999999999\ndata: a\n\n", "unknown: x\ndata: a\n\n", "unknown\n\n", "data: [DONE]\n\n", "data:[DONE]\n\n",
    "data: [DONE]\r\n\r\n", "data: [DONE]", "data: [DONE]\n", "data:  [DONE]\n\n", "data: [DONE] \n\n",
    "data: x[DONE]\n\n", "data: {\"c\":\"data: [DONE]\"}\n\n", "data: a\ndata: [DONE]\n\n", "\u{FEFF}data: [DONE]\n\n",
    ": data: [DONE]\n\n", "event: data: [DONE]\n\n",
    "data: {\"a\":1}\n\ndata: {\"usage\":{\"t\":3}}\n\ndata: [DONE]\n\n",
    "data: long line of more than sixteen bytes\n\ndata: [DONE]\n\n",
    "event: a\r\ndata: 1\r\n\r\nevent: b\r\ndata: 2\r\n\r\n",
    "data: cut in the mid", "data: \u{e4}\u{20ac}\u{1f600}\n\n",
]

@Suite struct SSEReaderTests {
    @Test func readsEvents() {
        let stream =
            "\u{FEFF}: hello\nevent: add\nid: 7\nretry: 3000\ndata: a\ndata:b\n\ndata: [DONE]\r\n\r\n"
            + "event: lost\n\ndata: cut"
        let outcome = streamOutcome(Array(stream.utf8))
        #expect(
            outcome.events == [
                ReadEvent(type: "add", data: Array("a\nb".utf8), id: "7", retry: 3000),
                ReadEvent(type: "", data: Array("[DONE]".utf8), id: "7", retry: 3000),
            ])
        #expect(!outcome.isAtEventBorder && outcome.errorCode == nil)
    }

    @Test func agreesWithTheStandardAtEverySplit() {
        var random = FastRandom(seed: 3)
        for stream in streams {
            let bytes = Array(stream.utf8)
            let expected = naiveStream(bytes).0
            #expect(streamOutcome(bytes) == expected, "\(stream.debugDescription)")
            for cut in 0...bytes.count {
                #expect(streamOutcome(bytes, cuts: [cut]) == expected, "\(stream.debugDescription) cut at \(cut)")
            }
            #expect(streamOutcome(bytes, cuts: Array(0...bytes.count)) == expected, "\(stream.debugDescription)")
            for _ in 0..<5 {
                #expect(streamOutcome(bytes, cuts: randomCuts(bytes.count, &random)) == expected)
            }
        }
    }

    @Test func agreesWithTheStandardOnRandomStreams() {
        var random = FastRandom(seed: 11)
        let pieces: [String] = [
            "data", "data:", "data: ", "[DONE]", "\n", "\r", "\r\n", "\n\n", ":", " ", "id: 1", "event: e", "retry: 5",
            "x",
        ]
        for _ in 0..<3000 {
            let bytes = (0..<random.below(20)).flatMap { _ in Array(pieces[random.below(pieces.count)].utf8) }
            let (stream, observed) = naiveStream(bytes)
            let cuts = randomCuts(bytes.count, &random)
            #expect(streamOutcome(bytes, cuts: cuts) == stream, "\(bytes) \(cuts)")
            #expect(observerOutcome(bytes, cuts: cuts) == observed, "\(bytes) \(cuts)")
        }
    }

    @Test func boundsHold() {
        func outcome(_ stream: String) -> StreamOutcome {
            let bytes = Array(stream.utf8)
            let whole = streamOutcome(bytes, lineLimit: 16, eventLimit: 24)
            for cut in 0...bytes.count {
                #expect(streamOutcome(bytes, cuts: [cut], lineLimit: 16, eventLimit: 24) == whole)
            }
            return whole
        }
        #expect(outcome("data: 0123456789\n\n").events.count == 1)
        #expect(outcome("data: 01234567890\n\n").errorCode == "sse_line_too_long")
        #expect(outcome("ok: 1\n\n01234567890123456").errorCode == "sse_line_too_long")
        #expect(outcome("data: 0123456789\ndata: 0123456789\n\n").events.count == 1)
        #expect(outcome("data: 0123456789\ndata: 0123456789\ndata: 0123\n\n").errorCode == "sse_event_too_large")
        // What was complete before the bound was hit has been delivered.
        #expect(outcome("data: a\n\ndata: 01234567890\n\n").events.count == 1)
    }
}

@Suite struct SSEObserverTests {
    @Test func agreesWithTheStandardAtEverySplit() {
        for stream in streams {
            let bytes = Array(stream.utf8)
            let expected = naiveStream(bytes).1
            #expect(observerOutcome(bytes) == expected, "\(stream.debugDescription)")
            for cut in 0...bytes.count {
                #expect(observerOutcome(bytes, cuts: [cut]) == expected, "\(stream.debugDescription) cut at \(cut)")
            }
            #expect(observerOutcome(bytes, cuts: Array(0...bytes.count)) == expected, "\(stream.debugDescription)")
            var unkept = expected
            unkept.lastPayload = nil
            #expect(observerOutcome(bytes, cuts: [bytes.count / 2], keepsLastPayload: false) == unkept)
        }
    }

    @Test func aTruncatedStreamIsNotAtABorder() {
        #expect(observerOutcome(Array("data: a\n\ndata: b\n\n".utf8)).isAtEventBorder)
        #expect(!observerOutcome(Array("data: a\n\ndata: b\n".utf8)).isAtEventBorder)
        #expect(!observerOutcome(Array("data: a\n\ndata: b".utf8)).isAtEventBorder)
        #expect(!observerOutcome(Array("data: a\n\nd".utf8)).isAtEventBorder)
        #expect(observerOutcome(Array("data: a\n\n: ping\n".utf8)).isAtEventBorder)
    }

    @Test func keptPayloadsAreBounded() {
        let bound = SSEObserver.keptPayloadBytes
        for count in [bound - 1, bound, bound + 1, bound + 10] {
            let payload = [UInt8](repeating: 120, count: count)
            for prefix in ["data:", "data: ", "\u{FEFF}data: "] {
                let line = Array(prefix.utf8) + payload + Array("\n\ndata: [DONE]\n\n".utf8)
                // A byte order mark counts at the start of the stream only.
                let stream = prefix.hasPrefix("\u{FEFF}") ? line : Array("data: {}\n\n".utf8) + line
                for cuts in [[], [5], [40], [count], [count + 12], [3, 20, 100, count]] {
                    let outcome = observerOutcome(stream, cuts: cuts)
                    #expect(outcome.lastPayload == (count <= bound ? payload : nil), "\(count) \(prefix) \(cuts)")
                    #expect(outcome.isDone && outcome.isAtEventBorder)
                }
            }
        }
    }
}

@Suite struct SSEWriterTests {
    private func written(_ body: (SSEWriter) -> Void) -> [UInt8] {
        let buffer = ByteBuffer(capacity: 16)
        body(SSEWriter(buffer))
        return Array(buffer.readable)
    }

    @Test func writesEvents() {
        let bytes = written { writer in
            writer.comment("ping\nx")
            latin1("{\"a\":1}").withUnsafeBytes { writer.event("message_start", data: $0) }
            latin1("e\nv").withUnsafeBytes { type in latin1("x").withUnsafeBytes { writer.event(type: type, data: $0) }
            }
            writer.error(json: "{\"error\":{}}")
            writer.error(json: "{\"error\":{}}", typed: true)
            writer.done()
        }
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == ": ping x\n\nevent: message_start\ndata: {\"a\":1}\n\nevent: e v\ndata: x\n\n"
                + "data: {\"error\":{}}\n\nevent: error\ndata: {\"error\":{}}\n\ndata: [DONE]\n\n")
    }

    @Test(arguments: [
        "", "a", "a\nb", "a\r\nb", "a\rb", "\n", "\n\n", "a\n", "\r\n\r\n", "data: x\n\nevent: y", " a", "é\n",
    ])
    func anyPayloadReadsBackAsOneEvent(payload: String) {
        let bytes = written { writer in Array(payload.utf8).withUnsafeBytes { writer.data($0) } }
        let outcome = streamOutcome(bytes)
        #expect(outcome.events.count == 1 && outcome.isAtEventBorder)
        #expect(outcome.events.first?.data == withLineFeedsOnly(Array(payload.utf8)))
    }
}
