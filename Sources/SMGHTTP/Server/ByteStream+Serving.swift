internal import SMGBase
internal import SMGNet

extension ByteStream {
    /// Ends the sending direction and reads on until the client ends its own: closing with unread bytes would reset the
    /// connection, and a reset can take an answer with it that the client has not read yet.
    ///
    /// Bounded by a time of silence, by a time in all and by a number of bytes. Does not close.
    func linger(silence: TimeSpan) async {
        shutdownWriting()
        let deadline = loop.now + ServerOptions.lingerTotal
        var dropped = 0
        var burst = 0
        while dropped < ServerOptions.lingerBytes, loop.now < deadline {
            if !isReadable {
                guard case .ready = await waitReadable(within: silence) else { return }
                burst = 0
            }
            guard let count = dropSome() else { return }
            dropped += count
            await pauseAfterBurst(&burst)
        }
    }

    /// Lets the loop's other tasks run when a client sends faster than we read: its connection never waits, and would keep
    /// the loop for itself. To be called once a read.
    @inline(__always)
    func pauseAfterBurst(_ reads: inout Int) async {
        reads += 1
        guard reads >= ServerOptions.readBurst else { return }
        reads = 0
        await Task.yield()
    }

    /// Reads and forgets a buffer full; nil when the stream is over. The buffer is borrowed for the read alone, so ten
    /// thousand lingering connections hold none.
    private func dropSome() -> Int? {
        let scratch = loop.buffers.take()
        defer { loop.buffers.give(scratch) }
        switch read(into: scratch) {
        case .bytes(let count): return count
        case .wouldBlock: return 0
        case .endOfStream, .failed: return nil
        }
    }
}
