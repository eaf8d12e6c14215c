internal import SMGBase
internal import SMGConfig
internal import SMGHTTP
internal import SMGNet
internal import SMGTelemetry

// The last step of a request: the worker's answer on its way to the client, and what is said when it breaks off.
extension InferencePipeline {
    /// Passes the answer on until it ends, and notes how it ended.
    func relay(_ upstream: UpstreamExchange, _ worker: Worker) async {
        let isEventStream =
            upstream.head.headers.value(.contentType, in: upstream.headBytes)?.hasPrefix("text/event-stream") ?? false
        let watch = StreamWatch(exchange, isEventStream: isEventStream)
        servedBy = worker
        DownstreamHead.write(upstream, to: exchange, cors: cors)
        if isEventStream || !isSoonOver(upstream.head) {
            watch.onDeadline = { [unowned upstream] in upstream.cancel() }
            watch.start(keepAlive: shared.configuration.timeouts.sseKeepAlive, deadline: deadline)
        }
        let stall = shared.configuration.timeouts.streamStall ?? max(.milliseconds(1), deadline - loop.now)
        let outcome = await upstream.relay(to: exchange, observer: watch, stall: stall)
        watch.stop()
        record(watch)
        switch outcome {
        case .complete: break
        case .clientGone where watch.deadlinePassed:
            breakOff(watch, worker, GatewayError(.workerTimeout, "The request took longer than it may."))
        case .clientGone: worker.recordAbandoned(now: loop.now)
        case .upstreamFailed(let error):
            blame(worker)
            count(error.code, of: worker)
            let code: ErrorCode = error == .stalled ? .workerStreamStalled : .workerStreamBroken
            breakOff(watch, worker, GatewayError(code, "The worker's answer broke off: \(error)."))
        }
    }

    /// A short answer of known length is nearly always in the socket already: the stall timeout is bound enough.
    private func isSoonOver(_ head: ResponseHead) -> Bool {
        switch head.framing {
        case .none: true
        case .contentLength(let count): count <= BufferPool.bufferBytes
        case .chunked, .untilClose: false
        }
    }

    private func record(_ watch: StreamWatch) {
        guard watch.isEventStream, let pool, let first = watch.firstByteAt else { return }
        let series = context.metrics.model(pool, endpoint)
        let cells = context.metrics.cells
        cells.observe(series.firstByte, first - exchange.receivedAt)
        cells.add(series.events, UInt64(watch.eventCount))
        if watch.eventCount > 1 {
            let gap = (watch.lastByteAt - first).nanoseconds / Int64(watch.eventCount - 1)
            cells.observe(series.perToken, TimeSpan(nanoseconds: gap))
        }
    }

    /// The answer is begun and cannot be finished: an event stream is told why, then the connection is cut, so that
    /// nobody takes the part for the whole.
    private func breakOff(_ watch: StreamWatch, _ worker: Worker, _ error: GatewayError) {
        brokeOff = true
        context.metrics.error(endpoint, error.publicCode)
        shared.log.warn("gateway", "answer broke off") { fields in
            fields.field("worker", worker.url.description)
            fields.field("error", error.publicCode)
            fields.field("request_id", exchange.requestID)
        }
        if watch.isEventStream, !exchange.isClientGone {
            let event = ByteBuffer(capacity: 256)
            // An event cut in the middle is ended first, or the error would become part of it.
            if !watch.isAtEventBorder { event.append("\n\n") }
            event.append("data: ")
            ErrorBody.append(error, to: event)
            event.append("\n\n")
            exchange.write(event.readable)
            // Resetting an HTTP/2 stream drops what is still queued on it.
            exchange.flush()
        }
        exchange.abort()
    }
}
