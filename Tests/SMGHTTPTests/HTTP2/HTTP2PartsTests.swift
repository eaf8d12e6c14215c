import SMGBase
import Testing

@testable import SMGHTTP

@Suite struct HTTP2FloodGuardTests {
    /// A conversation with all kinds of frames; the tenth CONTINUATION is one too many.
    static var conversation: [UInt8] {
        var bytes = Frame.preface + Frame.settings([(3, 100)]).bytes + Frame.ping().bytes
        bytes += Frame.headers(1, HPACK.get, end: false).bytes + Frame.data(1, [1, 2, 3]).bytes + Frame.data(1).bytes
        bytes += Frame.windowUpdate(0, 5).bytes + Frame.reset(1).bytes
        bytes += Frame.headers(3, [], endHeaders: false).bytes
        for _ in 0..<HTTP2Limits.maxContinuations { bytes += Frame.continuation(3, [0x82]).bytes }
        return bytes
    }

    @Test func violationIsFoundAtEverySplit() {
        let good = Self.conversation
        let all = good + Frame.continuation(3, [1, 2]).bytes + [9, 9, 9]
        let now = Instant(nanoseconds: 5)
        for split in 0...all.count {
            var guardian = HTTP2FloodGuard(isServer: true)
            let first = all[..<split].withUnsafeBytes { guardian.inspect($0, now: now) }
            if first.violation != nil {
                #expect(first.accepted == good.count)
                continue
            }
            #expect(first.accepted == split)
            let second = all[split...].withUnsafeBytes { guardian.inspect($0, now: now) }
            #expect(second.violation == .continuationFlood)
            #expect(second.accepted == max(good.count - split, 0))
        }
    }

    @Test func oneByteAtATime() {
        var guardian = HTTP2FloodGuard(isServer: true)
        for byte in Self.conversation {
            let verdict = [byte].withUnsafeBytes { guardian.inspect($0, now: Instant(nanoseconds: 0)) }
            #expect(verdict == .init(accepted: 1, violation: nil))
        }
    }

    @Test func clientsHaveNoPreface() {
        var guardian = HTTP2FloodGuard(isServer: false)
        let bytes = (0...HTTP2Limits.controlFrameBurst).flatMap { _ in Frame.ping().bytes }
        let verdict = bytes.withUnsafeBytes { guardian.inspect($0, now: Instant(nanoseconds: 0)) }
        #expect(verdict == .init(accepted: HTTP2Limits.controlFrameBurst * 17, violation: .controlFrameFlood))
    }

    @Test func emptyInput() {
        var guardian = HTTP2FloodGuard(isServer: true)
        let verdict = guardian.inspect(UnsafeRawBufferPointer(start: nil, count: 0), now: Instant(nanoseconds: 0))
        #expect(verdict == .init(accepted: 0, violation: nil))
    }
}

@Suite struct HTTP2TokenBucketTests {
    /// How many of `tries` events the bucket grants at `now`.
    private func granted(_ bucket: inout HTTP2TokenBucket, _ tries: Int, _ now: Instant) -> Int {
        var count = 0
        for _ in 0..<tries where bucket.take(at: now) { count += 1 }
        return count
    }

    @Test(arguments: [Int64(0), -1_000_000_000_000, 1 << 60]) func burstThenRate(start: Int64) {
        var bucket = HTTP2TokenBucket(burst: 5, perSecond: 10)
        let begin = Instant(nanoseconds: start)
        let steps: [TimeSpan] = [.zero, .milliseconds(99), .milliseconds(100), .milliseconds(350), .seconds(100)]
        #expect(steps.map { granted(&bucket, 20, begin + $0) } == [5, 0, 1, 2, 5])
    }

    @Test func burstOfOne() {
        var bucket = HTTP2TokenBucket(burst: 1, perSecond: 1)
        let steps: [TimeSpan] = [.zero, .milliseconds(999), .seconds(1)]
        #expect(steps.map { granted(&bucket, 3, Instant(nanoseconds: 0) + $0) } == [1, 0, 1])
    }
}

@Suite struct HTTP2HeadersTests {
    @Test func storesAndFinds() {
        let headers = HTTP2Headers(capacity: 1)
        headers.set(method: "POST", path: "/p", scheme: "http", authority: "h:1")
        headers.add("Content-TYPE", "Text/Plain")
        headers.append("content-length", decimal: 1234)
        headers.append("x-empty", "")
        headers.add("x-dup", "1", sensitive: true)
        headers.add("x-dup", "2")
        #expect(headers.method.equals("POST") && headers.path.equals("/p"))
        #expect(headers.scheme.equals("http") && headers.authority.equals("h:1") && headers.status == 0)
        #expect(headers.count == 5)
        #expect(
            (0..<5).map { headers.name(at: $0).string } == [
                "content-type", "content-length", "x-empty", "x-dup", "x-dup",
            ])
        #expect((0..<5).map { headers.value(at: $0).string } == ["Text/Plain", "1234", "", "1", "2"])
        #expect(headers.value(of: "x-dup")?.string == "1" && headers.value(of: "nope") == nil)
        let copy = headers.copy()
        headers.clear()
        #expect(headers.count == 0 && headers.path.count == 0 && headers.listBytes == 0)
        #expect(copy.value(of: "content-length")?.string == "1234" && copy.path.equals("/p"))
    }

    @Test(arguments: [("200", 200), ("099", 99), ("20", 0), ("2000", 0), ("2x0", 0), ("", 0)])
    func statusIsThreeDigits(text: String, status: Int) {
        let headers = HTTP2Headers()
        Array(text.utf8).withUnsafeBytes { headers.set(.status, $0) }
        #expect(headers.status == status)
    }

    @Test func listBytesFollowTheRFC() {
        let headers = HTTP2Headers()
        headers.add("abc", "de")
        #expect(headers.listBytes == 37)
        Array("200".utf8).withUnsafeBytes { headers.set(.status, $0) }
        #expect(headers.listBytes == 37 + 7 + 3 + 32)
    }
}

@Suite struct HTTP2PrefaceTests {
    @Test func everyPrefix() {
        for count in 0..<Frame.preface.count {
            #expect(Frame.preface[..<count].withUnsafeBytes { HTTP2Preface.detect($0) } == .incomplete)
            var wrong = Array(Frame.preface[...count])
            wrong[count] ^= 1
            #expect(wrong.withUnsafeBytes { HTTP2Preface.detect($0) } == .other)
        }
        #expect((Frame.preface + [0]).withUnsafeBytes { HTTP2Preface.detect($0) } == .http2)
        #expect(Array("POST / HTTP/1.1".utf8).withUnsafeBytes { HTTP2Preface.detect($0) } == .other)
    }
}

@Suite struct HTTP2ErrorTests {
    @Test func codesAreUniqueAndWellFormed() {
        let codes = HTTP2Error.allCases.map(\.code)
        #expect(Set(codes).count == codes.count)
        #expect(
            codes.allSatisfy { $0.hasPrefix("h2_") && $0.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "_" } })
    }
}
