import SMGBase
import Testing

@testable import SMGTelemetry

/// 2026-01-02T03:04:05.678Z.
let sampleTime: Int64 = 1_767_323_045_678_901_234

func logLine(
    _ format: LogFormat, _ message: String, at time: Int64 = sampleTime, _ fields: (inout LogFields) -> Void = { _ in }
) -> String {
    let scratch = LogScratch()
    scratch.make(format, nanoseconds: time, level: .info, target: "http", message: message, fields: fields)
    return scratch.line.readableString
}

/// Bytes as a field value.
func bytesLine(_ format: LogFormat, _ bytes: [UInt8]) -> String {
    logLine(format, "m") { fields in bytes.withUnsafeBytes { fields.field("v", $0) } }
}

@Suite struct LogLineTests {
    private func fillIn(_ fields: inout LogFields) {
        fields.field("status", 200)
        fields.field("path", "/v1/chat" as String)
        fields.field("empty", "")
        fields.field("what", "two words" as StaticString)
        fields.field("took_ms", TimeSpan(nanoseconds: 12_345_678))
        fields.field("negative_ms", TimeSpan(nanoseconds: -1_500_000))
        fields.field("ratio", 0.25)
        fields.field("odd", Double.nan)
        fields.field("stream", true)
        fields.field("big", UInt64.max)
        fields.field("key", Secret("sk-123"))
        fields.field("a b=\"c", -1)
    }

    @Test func textLine() {
        #expect(
            logLine(.text, "request done", fillIn)
                == "2026-01-02T03:04:05.678Z INFO  http request done status=200 path=/v1/chat empty=\"\" "
                + "what=\"two words\" took_ms=12.345 negative_ms=-1.500 ratio=0.25 odd=nan stream=true "
                + "big=18446744073709551615 key=[redacted] a_b__c=-1\n")
    }

    @Test func jsonLine() {
        #expect(
            logLine(.json, "request \"done\"", fillIn)
                == #"{"timestamp":"2026-01-02T03:04:05.678Z","level":"info","target":"http","#
                + #""message":"request \"done\"","status":200,"path":"/v1/chat","empty":"","#
                + #""what":"two words","took_ms":12.345,"negative_ms":-1.500,"ratio":0.25,"odd":"nan","#
                + #""stream":true,"big":18446744073709551615,"key":"[redacted]","a_b__c":-1}"# + "\n")
    }

    @Test func timeStampsFollowTheClock() {
        let scratch = LogScratch()
        var stamps: [String] = []
        for time in [0, 999_999_999, 1_000_000_000, -1, sampleTime] {
            scratch.make(.text, nanoseconds: time, level: .error, target: "t", message: "m") { _ in }
            stamps.append(String(scratch.line.readableString.prefix(24)))
        }
        #expect(
            stamps == [
                "1970-01-01T00:00:00.000Z", "1970-01-01T00:00:00.999Z", "1970-01-01T00:00:01.000Z",
                "1969-12-31T23:59:59.999Z", "2026-01-02T03:04:05.678Z",
            ])
    }

    @Test func nothingForeignBreaksALine() {
        let evil = "x\n2026 ERROR fake\r\u{1b}[31m\t\0\u{7f}\u{85}\u{9b}2J\u{2028}\u{202e}\u{2066}\"\\end"
        let escaped =
            "x\\n2026 ERROR fake\\r\\u001b[31m\\t\\u0000\\u007f\\u0085\\u009b2J\\u2028\\u202e\\u2066"
        #expect(logLine(.text, evil).hasSuffix("http \(escaped)\"\\end\n"))
        #expect(logLine(.text, "m") { $0.field("v", evil) }.hasSuffix("m v=\"\(escaped)\\\"\\\\end\"\n"))
        #expect(logLine(.json, evil).hasSuffix("\"message\":\"\(escaped)\\\"\\\\end\"}\n"))
        #expect(logLine(.json, "m") { $0.field("v", evil) }.hasSuffix("\"v\":\"\(escaped)\\\"\\\\end\"}\n"))
    }

    @Test(
        arguments: [
            ([0x61, 0xff, 0x62], "a\u{FFFD}b"), ([0xc0, 0xaf], "\u{FFFD}\u{FFFD}"),
            ([0xe2, 0x82], "\u{FFFD}\u{FFFD}"), ([0xed, 0xa0, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}"),
            ([0xf4, 0x90, 0x80, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"),
            ([0xe0, 0x9f, 0xbf], "\u{FFFD}\u{FFFD}\u{FFFD}"),
            ([0xf0, 0x8f, 0xbf, 0xbf], "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"),
            ([0x80], "\u{FFFD}"), ([0xc3], "\u{FFFD}"), ([0xc3, 0x28], "\u{FFFD}("),
        ] as [([UInt8], String)])
    func repairsBytesThatAreNotText(bytes: [UInt8], expected: String) {
        #expect(bytesLine(.json, bytes).hasSuffix("\"v\":\"\(expected)\"}\n"))
        #expect(bytesLine(.text, bytes).hasSuffix(" v=\"\(expected)\"\n"))
    }

    @Test func keepsEveryOtherCharacter() {
        for scalar in ["ü", "ß", "€", "漢", "\u{1F600}", "\u{FFFF}", "\u{10FFFF}", "\u{D7FF}", "\u{E000}", "\u{A0}"] {
            #expect(bytesLine(.json, Array(scalar.utf8)).hasSuffix("\"v\":\"\(scalar)\"}\n"))
        }
    }

    @Test func cutsLongValuesAtACharacter() {
        let long = String(repeating: "x", count: LogLimits.valueBytes - 1) + "ü and so on"
        let kept = String(repeating: "x", count: LogLimits.valueBytes - 1) + "\u{2026}"
        #expect(logLine(.json, "m") { $0.field("v", long) }.hasSuffix("\"v\":\"\(kept)\"}\n"))
        #expect(logLine(.text, long).hasSuffix(" \(kept)\n"))
        let exact = String(repeating: "y", count: LogLimits.valueBytes)
        #expect(logLine(.text, "m") { $0.field("v", exact) }.hasSuffix(" v=\(exact)\n"))
    }

    @Test func aFullLineSaysSo() {
        let value = String(repeating: "\u{1}", count: LogLimits.valueBytes)
        let line = logLine(.json, "m") { fields in
            for _ in 0..<20 { fields.field("v", value) }
            fields.field("last", 1)
        }
        #expect(line.hasSuffix("\"truncated\":true}\n") && !line.contains("\"last\""))
        #expect(line.utf8.count < LogLimits.lineBytes + 6 * LogLimits.valueBytes + 100)
    }

    /// Any bytes at all must give one line that is a JSON object of four members and a string.
    @Test func randomBytesStayValid() {
        var random = FastRandom(seed: 11)
        for _ in 0..<2000 {
            let bytes = (0..<random.below(24)).map { _ in UInt8(truncatingIfNeeded: random.next() >> 40) }
            let scratch = LogScratch()
            scratch.make(.json, nanoseconds: 0, level: .warn, target: "t", message: "m") { fields in
                bytes.withUnsafeBytes { fields.field("v", $0) }
            }
            let line = scratch.line.readable
            #expect(line.count { $0 < 0x20 } == 1 && line[line.count - 1] == UInt8(ascii: "\n"))
            #expect(String(validating: line, as: UTF8.self) != nil)
            let head = #"{"timestamp":"1970-01-01T00:00:00.000Z","level":"warn","target":"t","message":"m","v":""#
            guard line.starts(with: head.utf8), line.suffix(3).elementsEqual("\"}\n".utf8) else {
                Issue.record("\(scratch.line.readableString)")
                continue
            }
            #expect(isStringBody(line.dropFirst(head.utf8.count).dropLast(3)))
        }
    }

    /// Whether bytes may stand between JSON quotes.
    private func isStringBody(_ bytes: Slice<UnsafeRawBufferPointer>) -> Bool {
        var rest = bytes
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\"") || byte < 0x20 { return false }
            guard byte == UInt8(ascii: "\\") else { continue }
            guard let kind = rest.popFirst() else { return false }
            if kind == UInt8(ascii: "u") {
                guard rest.count >= 4, rest.prefix(4).allSatisfy({ ASCII.hexValue($0) != nil }) else { return false }
            } else if !"\"\\/bfnrt".utf8.contains(kind) {
                return false
            }
        }
        return true
    }

    @Test(
        arguments: [
            ("debug", .debug), ("INFO", .info), ("warn", .warn), ("Warning", .warn), ("error", .error), ("off", .off),
            ("verbose", nil), ("", nil),
        ] as [(String, LogLevel?)])
    func readsLevels(name: String, level: LogLevel?) {
        #expect(LogLevel(name: name) == level)
    }
}
