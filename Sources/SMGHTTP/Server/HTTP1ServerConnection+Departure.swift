internal import SMGBase
internal import SMGNet

/// What the stream tells while the handler runs: room in the socket, a client that takes nothing, a client that leaves.
extension HTTP1ServerConnection: StreamDelegate {
    func streamWritable(_ stream: ByteStream) {
        guard bufferedBytes > 0 else { return }
        if isCut {
            push()
            if bufferedBytes == 0 { stream.shutdownWriting() }
        } else {
            flush()
        }
    }

    func streamTimedOut(_ stream: ByteStream) {
        dropOutput()
        stream.abort()
        clientLeft()
    }

    func streamPeerGone(_ stream: ByteStream, reset: Bool) {
        guard isInHandler, !isResponseFinished else { return }
        if reset || !mayBeHalfClosed { clientLeft() } else { onHalfClose?() }
    }

    /// Whether a client that stops sending now may still want its answer.
    private var mayBeHalfClosed: Bool {
        let since: Instant
        switch bodyState {
        case .partial: return true  // the body is being read, and reading sees its end
        case .unread: since = receivedAt  // the body may be whole in the kernel
        case .absent, .complete: since = requestCompleteAt ?? receivedAt
        }
        let options = server.options
        let window = isResponseBegun ? options.halfCloseWindowWhileAnswering : options.halfCloseWindow
        return loop.now - since <= window
    }
}
