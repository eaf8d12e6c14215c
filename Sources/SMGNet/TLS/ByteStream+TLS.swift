package import SMGBase

/// Turning a connected stream into a TLS one.
extension ByteStream {
    /// Takes the server's part of the handshake, at most `span` in all. Nothing may have been read or written before.
    ///
    /// - Returns: the application protocol agreed on, empty when the client offered none.
    /// - Throws: the stream is then of no further use but to be closed.
    package func startTLS(server context: TLSServerContext, within span: TimeSpan) async throws(NetError) -> String {
        guard !isClosed else { throw .closed }
        let session: TLSSession
        do throws(TLSError) { session = try context.makeSession(descriptor: descriptor) } catch {
            throw .tls(error.description)
        }
        return try await start(session, within: span)
    }

    /// Takes the client's part of the handshake, at most `span` in all; the server must prove to be `host`.
    ///
    /// - Returns: the application protocol agreed on, empty when the server chose none.
    /// - Throws: the stream is then of no further use but to be closed.
    package func startTLS(
        client context: TLSClientContext, host: String, within span: TimeSpan
    ) async throws(NetError) -> String {
        guard !isClosed else { throw .closed }
        let session: TLSSession
        do throws(TLSError) {
            session = try context.makeSession(descriptor: descriptor, host: host)
        } catch {
            throw .tls(error.description)
        }
        return try await start(session, within: span)
    }

    private func start(_ session: TLSSession, within span: TimeSpan) async throws(NetError) -> String {
        let deadline = loop.now + span
        while true {
            // The stream may be closed while this waits; the descriptor may then be somebody else's.
            guard !isClosed else { throw .closed }
            let waited: Waited
            switch session.handshake() {
            case .done:
                tls = session
                // The session may have read what follows the handshake together with its end; the socket will not
                // announce that again.
                isReadable = true
                return session.negotiatedALPN ?? ""
            case .wantRead:
                isReadable = false
                waited = await waitReadable(within: deadline - loop.now)
            case .wantWrite:
                isWritable = false
                waited = await waitWritable(within: deadline - loop.now)
            case .closed: throw .unexpectedEnd
            case .failed(let error): throw .tls(error.description)
            }
            switch waited {
            case .ready: guard loop.now < deadline else { throw .timeout }
            case .timeout: throw .timeout
            case .closed: throw .closed
            }
        }
    }
}
