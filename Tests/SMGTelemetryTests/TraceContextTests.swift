import SMGBase
import Testing

@testable import SMGTelemetry

@Suite struct TraceContextTests {
    private static let id = "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7"

    private func parse(_ text: String) -> TraceContext? {
        Array(text.utf8).withUnsafeBytes { TraceContext(traceparent: $0) }
    }

    private func written(_ context: TraceContext) -> String {
        let out = ByteBuffer(capacity: 1)
        context.writeTraceparent(to: out)
        return out.readableString
    }

    @Test(
        arguments: [
            ("00-\(id)-01", "00-\(id)-01"), ("00-\(id)-00", "00-\(id)-00"), ("00-\(id)-03", "00-\(id)-03"),
            ("00-\(id)-ff", "00-\(id)-03"),
            ("cc-\(id)-01", "00-\(id)-01"), ("cc-\(id)-01-what-the-future-brings", "00-\(id)-01"),
            ("cc-\(id)-01-", "00-\(id)-01"),
            (
                "00-00000000000000000000000000000001-0000000000000001-00",
                "00-00000000000000000000000000000001-0000000000000001-00"
            ),
            (
                "00-10000000000000000000000000000000-f000000000000000-00",
                "00-10000000000000000000000000000000-f000000000000000-00"
            ),
        ])
    func acceptsAndWritesBack(text: String, expected: String) throws {
        #expect(written(try #require(parse(text))) == expected)
    }

    @Test(
        arguments: [
            "", "00", "00-\(id)", "00-\(id)-", "00-\(id)-0", "00-\(id)-010", "00-\(id)-01-", "00-\(id)-01-more",
            "00-\(id)-01 ", " 00-\(id)-01", "ff-\(id)-01", "0g-\(id)-01", "cc-\(id)-01.more", "0-\(id)-01-",
            "00-\(id)-0g", "00-\(id)-g0", "00-\(id)-0X", "00_\(id)-01", "00-\(id)_01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473-600f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473é-0f067aa0ba902b7-01",
        ])
    func refuses(text: String) {
        #expect(parse(text) == nil)
    }

    @Test func everyByteCounts() {
        let good = Array("00-\(Self.id)-01".utf8)
        for index in good.indices {
            for byte in [UInt8(0), 0x2f, 0x3a, 0x40, 0x47, 0x60, 0x67, 0xff] {
                var bad = good
                bad[index] = byte
                #expect(bad.withUnsafeBytes { TraceContext(traceparent: $0) } == nil)
            }
            #expect(good[..<index].withUnsafeBytes { TraceContext(traceparent: $0) } == nil)
        }
    }

    @Test func childrenKeepTheTrace() throws {
        var random = FastRandom(seed: 3)
        let parent = try #require(parse("00-\(Self.id)-01"))
        let child = parent.child(using: &random)
        #expect(child.traceHigh == parent.traceHigh && child.traceLow == parent.traceLow && child.isSampled)
        #expect(child.spanID != parent.spanID && child.spanID != 0)
        #expect(parse(written(child)) == child)
    }

    @Test func newTracesDiffer() {
        var random = FastRandom(seed: 3)
        let first = TraceContext(isSampled: true, using: &random)
        let second = TraceContext(isSampled: false, using: &random)
        #expect(first.isSampled && !second.isSampled && first.flags.contains(.random))
        #expect(first.traceHigh != second.traceHigh && first.spanID != second.spanID)
        #expect(parse(written(first)) == first && parse(written(second)) == second)
    }
}
