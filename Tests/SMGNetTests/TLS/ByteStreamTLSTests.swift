import SMGBase
import Testing

@testable import SMGNet

/// TLS over real sockets on a loop.
@Suite struct ByteStreamTLSTests {
    private let parts = TLSParts()

    /// Runs `client` against an echo server over TLS on one loop; returns what it returns, or the error's label.
    private func run(
        _ server: TLSServerContext, _ client: @escaping @Sendable (ByteStream) async throws(NetError) -> String
    ) async throws -> String {
        let group = try EventLoopGroup(count: 1)
        group.start()
        let loop = group.loops[0]
        let result: String = await withUnsafeContinuation { continuation in
            loop.spawn {
                do throws(NetError) {
                    let any = SocketAddress(literal: "127.0.0.1", port: 0)!
                    let listener = try Listener(loop: loop, address: any) { descriptor, _ in
                        loop.spawn { await Self.echo(descriptor, loop, server) }
                    }
                    defer { listener.stop() }
                    try listener.start()
                    let stream = try ByteStream.connecting(to: listener.address, on: loop)
                    defer { stream.closeDescriptor() }
                    try await stream.finishConnecting(within: .seconds(5))
                    continuation.resume(returning: try await client(stream))
                } catch {
                    continuation.resume(returning: error.code)
                }
            }
        }
        group.shutdown()
        return result
    }

    private static func echo(_ descriptor: Int32, _ loop: EventLoop, _ context: TLSServerContext) async {
        guard let stream = try? ByteStream(loop: loop, connected: descriptor) else { return }
        defer { stream.closeDescriptor() }
        guard (try? await stream.startTLS(server: context, within: .seconds(5))) != nil else { return }
        let buffer = ByteBuffer(capacity: 70_000)
        while let count = try? await stream.readSome(into: buffer, within: .seconds(5)), count > 0 {
            guard (try? await stream.writeAll(buffer.readable, stall: .seconds(5))) != nil else { return }
            buffer.clear()
        }
    }

    @Test func echoesOverTLS() async throws {
        let context = try parts.client()
        let result = try await run(parts.server()) { (stream) async throws(NetError) in
            let alpn = try await stream.startTLS(client: context, host: "127.0.0.1", within: .seconds(5))
            let text = Array(String(repeating: "0123456789", count: 100_000).utf8)
            let answer = ByteBuffer(capacity: 64)
            stream.loop.spawn {
                let copy = ByteBuffer(text)
                try? await stream.writeAll(copy.readable, stall: .seconds(5))
            }
            while answer.readableCount < text.count {
                answer.reserve(4096)
                if try await stream.readSome(into: answer, within: .seconds(5)) == 0 { break }
            }
            return Array(answer.readable) == text ? "same, \(alpn)" : "different"
        }
        #expect(result == "same, http/1.1")
    }

    @Test func reportsTheReason() async throws {
        let context = try parts.client()
        let result = try await run(parts.server()) { (stream) async throws(NetError) in
            do throws(NetError) {
                return try await stream.startTLS(client: context, host: "other.example", within: .seconds(5))
            } catch {
                return error.description
            }
        }
        #expect(result.contains("hostname_mismatch"))
    }

    /// A server that never answers the handshake.
    @Test func givesUpInTime() async throws {
        let context = try parts.client()
        let group = try EventLoopGroup(count: 1)
        group.start()
        let loop = group.loops[0]
        let code: String = await withUnsafeContinuation { continuation in
            loop.spawn {
                do throws(NetError) {
                    let any = SocketAddress(literal: "127.0.0.1", port: 0)!
                    let listener = try Listener(loop: loop, address: any) { _, _ in }
                    defer { listener.stop() }
                    try listener.start()
                    let stream = try ByteStream.connecting(to: listener.address, on: loop)
                    defer { stream.closeDescriptor() }
                    try await stream.finishConnecting(within: .seconds(5))
                    _ = try await stream.startTLS(client: context, host: "localhost", within: .milliseconds(5))
                    continuation.resume(returning: "done")
                } catch {
                    continuation.resume(returning: error.code)
                }
            }
        }
        #expect(code == "timeout")
        group.shutdown()
    }
}
