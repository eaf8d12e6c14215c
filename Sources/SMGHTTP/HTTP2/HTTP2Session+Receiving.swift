internal import CNGHTTP2
internal import SMGBase

/// What the library reports while it reads and writes frames. Called from its callbacks only.
extension HTTP2Session {
    // MARK: Header blocks

    func beganHeaders(_ frame: nghttp2_frame) -> Int32 {
        incoming.clear()
        incomingFields = 0
        incomingBytes = 0
        let id = frame.hd.stream_id
        if role == .server, streams[id] == nil { _ = openRecord(id) }
        return 0
    }

    func receivedHeader(
        _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, sensitive: Bool
    ) -> Int32 {
        incomingFields &+= 1
        incomingBytes &+= name.count &+ value.count &+ 32
        if incomingBytes > HTTP2Limits.headerBombBytes || incomingFields > HTTP2Limits.headerBombFields {
            callbackFailure = .headerBomb
            return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue
        }
        // A list that is too long is decoded to its end, to keep the shared HPACK table right, but not stored.
        if !isIncomingTooLarge { incoming.collect(name: name, value: value, sensitive: sensitive) }
        return 0
    }

    private var isIncomingTooLarge: Bool {
        incomingBytes > configuration.maxHeaderListBytes || incomingFields > configuration.maxHeaderFields
    }

    private func receivedHeaders(_ frame: nghttp2_frame, _ stream: HTTP2Stream) {
        let id = frame.hd.stream_id
        let endStream = frame.hd.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
        if isIncomingTooLarge { return refuseHeaders(frame, stream) }
        if endStream { stream.isRemoteEnded = true }
        if role == .server, frame.headers.cat == NGHTTP2_HCAT_REQUEST {
            stream.isAnnounced = true
            handler.onRequestHead(id, incoming, endStream: endStream)
        } else if !stream.isAnnounced || stream.isResetByUs {
            return
        } else if role == .client, incoming.hasStatus {
            receivedStatus(stream, endStream: endStream)
        } else {
            handler.onTrailers(id, incoming)
        }
        endMessage(stream)
    }

    private func receivedStatus(_ stream: HTTP2Stream, endStream: Bool) {
        switch incoming.status {
        case ..<100:
            // The library lets any three digits pass.
            refuse(stream, .protocolError)
        case ..<200 where stream.informationalCount >= HTTP2Limits.maxInformationalResponses:
            refuse(stream, .enhanceYourCalm)
        case ..<200:
            stream.informationalCount += 1
            handler.onInformational(stream.id, incoming)
        default:
            handler.onResponseHead(stream.id, incoming, endStream: endStream)
        }
    }

    /// A request whose header list is too long gets an answer; anything else too long resets its stream.
    private func refuseHeaders(_ frame: nghttp2_frame, _ stream: HTTP2Stream) {
        let id = frame.hd.stream_id
        if role == .server, frame.headers.cat == NGHTTP2_HCAT_REQUEST {
            incoming.clear()
            incoming.append("content-length", "0")
            stream.isRemoteEnded = frame.hd.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
            let sent: Void? = try? submitResponse(id, status: 431, incoming, endStream: true)
            if sent != nil { return }
        }
        refuse(stream, .enhanceYourCalm)
    }

    /// Resets a stream for a fault of the peer; the application hears of it when the stream closes.
    private func refuse(_ stream: HTTP2Stream, _ code: HTTP2ErrorCode) {
        stream.isRemoteEnded = false
        stream.fault = code
        submitReset(stream.id, code)
    }

    private func endMessage(_ stream: HTTP2Stream) {
        // The handler may have reset the stream in the call before.
        guard stream.isRemoteEnded, stream.isAnnounced, !stream.isResetByUs, stream.fault == nil else { return }
        handler.onEnd(stream.id)
    }

    // MARK: Other frames

    func receivedData(_ id: Int32, _ bytes: UnsafeRawBufferPointer) {
        // The library resets a stream that exceeds its window but still delivers the frame that did.
        guard let stream = streams[id], stream.isAnnounced, !stream.isResetByUs,
            stream.unconsumed &+ bytes.count <= configuration.streamWindow
        else {
            // Nobody will consume these.
            _ = nghttp2_session_consume(native, id, bytes.count)
            return
        }
        stream.unconsumed &+= bytes.count
        handler.onData(id, bytes)
    }

    func receivedFrame(_ frame: nghttp2_frame) {
        switch UInt32(frame.hd.type) {
        case NGHTTP2_HEADERS.rawValue:
            if let stream = streams[frame.hd.stream_id] { receivedHeaders(frame, stream) }
        case NGHTTP2_DATA.rawValue:
            guard frame.hd.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0,
                let stream = streams[frame.hd.stream_id]
            else { return }
            stream.isRemoteEnded = true
            endMessage(stream)
        case NGHTTP2_GOAWAY.rawValue:
            isPeerLeaving = true
            handler.onGoAway(
                lastStream: frame.goaway.last_stream_id, HTTP2ErrorCode(rawValue: frame.goaway.error_code))
        case NGHTTP2_SETTINGS.rawValue:
            if frame.hd.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) == 0 { handler.onSettings() }
        case NGHTTP2_PING.rawValue:
            if frame.hd.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) != 0 {
                handler.onPong(withUnsafeBytes(of: frame.ping.opaque_data) { $0.loadUnaligned(as: UInt64.self) })
            }
        default:
            break
        }
    }

    func streamClosed(_ id: Int32, _ code: HTTP2ErrorCode) {
        guard let stream = streams.removeValue(forKey: id) else { return }
        // What the application still holds of this stream no longer counts against the others.
        if stream.unconsumed > 0 { _ = nghttp2_session_consume_connection(native, stream.unconsumed) }
        announceEnd(of: stream, code)
    }

    // MARK: Sending

    func sentFrame(_ frame: nghttp2_frame) {
        switch UInt32(frame.hd.type) {
        case NGHTTP2_DATA.rawValue, NGHTTP2_HEADERS.rawValue:
            guard frame.hd.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0,
                let stream = streams[frame.hd.stream_id]
            else { return }
            stream.isLocalEndSent = true
            if role == .server, !stream.isRemoteEnded, !stream.isResetByUs {
                // The answer is complete: the rest of the request is of no use (RFC 9113 §8.1).
                stream.isResetByUs = true
                submitReset(frame.hd.stream_id, .noError)
            }
        case NGHTTP2_RST_STREAM.rawValue:
            // Resets that nobody here asked for answer a fault of the peer.
            if streams[frame.hd.stream_id]?.isResetByUs != true { guardian.noteProvokedReset() }
        case NGHTTP2_GOAWAY.rawValue:
            guardian.noteGoAway(lastStream: frame.goaway.last_stream_id)
            if frame.goaway.error_code != 0, failure == nil, frame.goaway.error_code != leavingCode?.rawValue {
                failure = .protocolViolation
            }
        default:
            break
        }
    }

    func failedToSend(_ frame: nghttp2_frame, _ result: Int32) {
        // Of a request the library closes the stream itself. A response that cannot be sent must not leave its client
        // waiting, unless the stream or the connection is on its way out already.
        guard UInt32(frame.hd.type) == NGHTTP2_HEADERS.rawValue, frame.headers.cat != NGHTTP2_HCAT_REQUEST,
            result != NGHTTP2_ERR_STREAM_CLOSED.rawValue, result != NGHTTP2_ERR_STREAM_CLOSING.rawValue,
            result != NGHTTP2_ERR_SESSION_CLOSING.rawValue
        else { return }
        submitReset(frame.hd.stream_id, .internalError)
    }

    /// How many body bytes the next DATA frame of stream `id` takes.
    func readBody(_ id: Int32, _ length: Int, _ flags: inout UInt32) -> Int {
        guard let stream = streams[id] else { return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue) }
        let queued = stream.pending.readableCount
        if queued == 0, !stream.isFinished { return Int(NGHTTP2_ERR_DEFERRED.rawValue) }
        let count = min(queued, length)
        flags |= NGHTTP2_DATA_FLAG_NO_COPY.rawValue
        guard count == queued, stream.isFinished else { return count }
        flags |= NGHTTP2_DATA_FLAG_EOF.rawValue
        if let trailers = stream.trailers {
            flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue
            if !submitTrailerFrame(id, trailers) { return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue) }
        }
        return count
    }

    /// Writes a DATA frame that `readBody` measured straight from the stream's queue to the output.
    func writeData(_ id: Int32, _ head: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
        guard let output, let stream = streams[id], let head, count <= stream.pending.readableCount else {
            callbackFailure = .internalFailure
            return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue
        }
        output.append(UnsafeRawBufferPointer(start: head, count: 9))
        output.append(UnsafeRawBufferPointer(rebasing: stream.pending.readable[..<count]))
        stream.pending.consume(count)
        guardian.noteDataSent(count)
        if stream.awaitsRoom, stream.pending.readableCount < configuration.lowWaterMark {
            stream.awaitsRoom = false
            writable.append(id)
        }
        return output.readableCount >= outputLimit ? NGHTTP2_ERR_PAUSE.rawValue : 0
    }
}
