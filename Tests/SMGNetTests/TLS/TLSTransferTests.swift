import Testing

@testable import SMGNet

@Suite struct TLSTransferTests {
    private let parts = TLSParts()

    private func connected(version: Below.Version = .tls13) throws -> TLSPair {
        let client = try parts.client()
        Below.limit(client, to: version)
        let pair = try TLSPair(parts.server(), client)
        #expect(pair.handshake() == (.done(0), .done(0)))
        return pair
    }

    @Test func readsByteByByte() throws {
        let pair = try connected()
        #expect(pair.client.write("hello, worker") == .done(13))
        #expect(pair.client.write("!") == .done(1))
        var text: [UInt8] = []
        while case (.done, let bytes) = pair.server.read(1) { text += bytes }
        #expect(String(decoding: text, as: UTF8.self) == "hello, worker!")
        #expect(pair.server.read(1).0 == .wantRead)
        #expect(pair.server.pendingBytes == 0 && !pair.server.hasPending)
    }

    @Test func tellsWhatIsPending() throws {
        let pair = try connected()
        #expect(pair.client.write("0123456789") == .done(10))
        #expect(pair.server.read(4).1 == Array("0123".utf8))
        #expect(pair.server.pendingBytes == 6 && pair.server.hasPending)
        #expect(pair.server.read(0).0 == .done(0))
        #expect(pair.server.read().1 == Array("456789".utf8))
        #expect(pair.server.pendingBytes == 0)
    }

    @Test func oneReadTakesSeveralBufferedRecords() throws {
        let pair = try connected()
        for _ in 0..<10 { #expect(pair.client.write("0123456789") == .done(10)) }
        #expect(pair.server.read().1.count == 100)
    }

    /// A megabyte each way through small socket buffers; every write comes from fresh memory.
    @Test(arguments: Below.Version.allCases)
    func movesAMegabyteBothWays(version: Below.Version) throws {
        let pair = try connected(version: version)
        pair.shrinkBuffers()
        let data = (0..<(1 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        var sent = [0, 0]
        var received: [[UInt8]] = [[], []]
        var (stops, rounds) = (0, 0)
        while received[0].count < data.count || received[1].count < data.count {
            rounds += 1
            try #require(rounds < 10_000)
            for (i, session) in [pair.server, pair.client].enumerated() {
                switch Array(data[sent[i]...]).withUnsafeBytes({ session.write($0) }) {
                case .done(let count): sent[i] += count
                case .wantWrite: stops += 1
                case let other:
                    Issue.record("\(other)")
                    return
                }
                let (result, bytes) = session.read(10_000)
                received[i] += bytes
                if bytes.isEmpty { #expect(result == .wantRead) }
            }
        }
        #expect(received[0] == data && received[1] == data)
        #expect(stops > 0)
    }

    @Test func tellsACleanEndAndStillAnswers() throws {
        let pair = try connected()
        #expect(pair.client.write("last words") == .done(10))
        #expect(pair.client.shutdown() == .done(0) && pair.client.shutdown() == .done(0))
        #expect(pair.client.write("x") == .closed)
        #expect(pair.server.read().1.count == 10)
        #expect(pair.server.read().0 == .closed)
        #expect(pair.server.peerClosedCleanly)
        #expect(pair.server.read().0 == .closed)
        #expect(pair.server.write("answer") == .done(6))
        #expect(pair.client.read().1 == Array("answer".utf8))
    }

    @Test func tellsATruncation() throws {
        let pair = try connected()
        #expect(pair.client.write("half of it") == .done(10))
        pair.cutClient()
        #expect(pair.server.read().1.count == 10)
        #expect(pair.server.read().0 == .closed)
        #expect(!pair.server.peerClosedCleanly)
        #expect(pair.server.read().0 == .closed && pair.server.write("x") == .closed)
        #expect(pair.server.shutdown() == .closed)
    }

    @Test func aCutRecordIsATruncationToo() throws {
        let pair = try connected()
        #expect(pair.client.write(String(repeating: "x", count: 1000)) == .done(1000))
        pair.inject(pair.intercept().dropLast())
        #expect(pair.server.read().0 == .wantRead)
        #expect(pair.server.hasPending)
        pair.cutClient()
        #expect(pair.server.read().0 == .closed)
        #expect(!pair.server.peerClosedCleanly)
    }

    @Test func aChangedRecordIsRefused() throws {
        let pair = try connected()
        #expect(pair.client.write("transfer 10") == .done(11))
        var record = pair.intercept()
        record[record.count - 1] ^= 1
        pair.inject(record)
        let first = pair.server.read().0
        #expect(first.failureKind == .protocolError)
        #expect(pair.server.read().0 == first && pair.server.shutdown() == first)
        #expect(pair.client.read().0.failureKind == .protocolError)
    }

    /// Without MSG_NOSIGNAL this would end the test process.
    @Test func aBrokenPipeRaisesNoSignal() throws {
        let pair = try connected()
        pair.closeClient()
        let first = pair.server.write("nobody listens")
        #expect(first.failureKind == .connectionLost)
        #expect(pair.server.write("nobody listens") == first)
        #expect(first.failureKind?.rawValue == "tls_connection_lost")
    }

    @Test func resumesSessions() throws {
        for version in Below.Version.allCases {
            let server = try parts.server()
            let client = try parts.client()
            Below.limit(client, to: version)
            for round in 0..<3 {
                let pair = try TLSPair(server, client)
                #expect(pair.handshake() == (.done(0), .done(0)))
                #expect(pair.server.write("x") == .done(1))
                #expect(pair.client.read().1.count == 1)  // the tickets come before it
                #expect(pair.client.isResumed == (round > 0))
            }
            let other = try TLSPair(server, client, host: "127.0.0.1")
            other.handshake()
            #expect(!other.client.isResumed)
            let fresh = try TLSPair(server, parts.client { $0.reuseSessions = false })
            fresh.handshake()
            #expect(!fresh.client.isResumed)
        }
    }

    @Test func remembersABoundedNumberOfSessions() {
        let cache = TLSSessionCache()
        func insert(_ host: String) { cache.insert(Below.emptyTicket(), host: host) }
        for i in 0...TLSSessionCache.maxHosts { insert("host-\(i)") }
        #expect(cache.hostCount == TLSSessionCache.maxHosts)
        let host = "host-\(TLSSessionCache.maxHosts)"
        for _ in 0..<5 { insert(host) }
        #expect(cache.take(host: host) != nil)
        #expect(cache.take(host: "unknown") == nil)
        #expect(cache.hostCount == TLSSessionCache.maxHosts)
    }
}
