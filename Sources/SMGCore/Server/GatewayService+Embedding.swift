package import SMGBase
internal import SMGConfig
internal import SMGJSON
internal import SMGNet
internal import SMGRouting

/// What a host program may ask of a running gateway, in the words of the admin API.
extension GatewayService {
    /// The port clients connect to; 0 for a Unix socket.
    package var port: UInt16 { gateway.address.port }
    /// The port metrics are scraped at.
    package var metricsPort: UInt16 { gateway.metricsAddress.port }
    /// Where clients connect to: `127.0.0.1:80`, `[::1]:80` or `unix:/run/smg.sock`.
    package var addressText: String { gateway.address.description }

    /// Adds the worker described by a JSON object, as `POST /workers` does, and describes what it has become.
    package func addWorker(json: UnsafeRawBufferPointer) throws(GatewayError) -> ByteBuffer {
        let pending = try gateway.shared.fleet.add(try WorkerDescription.parse(json))
        return GatewayService.document { WorkerDescription.write(pending, to: &$0) }
    }

    /// Takes out the worker with this id or URL, as `DELETE /workers/{id}` does.
    package func removeWorker(_ idOrURL: String) throws(GatewayError) {
        // A URL is also taken in any other spelling of the same place.
        let key = (try? WorkerURL(idOrURL))?.description ?? idOrURL
        guard gateway.shared.fleet.remove(key) != nil else {
            throw GatewayError(.workerNotFound, "There is no worker '\(idOrURL)'.")
        }
    }

    /// `{"workers": […], "total": n}`, the workers as `GET /workers` shows them.
    package func describeWorkers() -> ByteBuffer {
        let (workers, pending) = gateway.registry.members
        return GatewayService.document { writer in
            writer.beginObject()
            writer.key("workers")
            writer.beginArray()
            for worker in workers { WorkerDescription.write(worker, to: &writer) }
            for worker in pending { WorkerDescription.write(worker, to: &writer) }
            writer.endArray()
            writer.key("total")
            writer.int(workers.count + pending.count)
            writer.endObject()
        }
    }

    /// Counters and present state as one JSON object; the members are listed in `smg.h`.
    package func describeStatistics() -> ByteBuffer {
        let shared = gateway.shared
        let workers = gateway.registry.snapshot.workers
        return GatewayService.document { writer in
            writer.beginObject()
            writer.key("version")
            writer.string(SMGVersion.text)
            writer.key("uptime_seconds")
            writer.double((Instant.now() - shared.startedAt).seconds)
            writer.key("address")
            writer.string(gateway.address.description)
            writer.key("tls")
            writer.bool(shared.configuration.tls.server != nil)
            writer.key("metrics_address")
            writer.string(gateway.metricsAddress.description)
            writer.key("policy")
            writer.string(shared.configuration.routing.policy.rawValue)
            writeCounters(active: workers.reduce(0) { $0 + $1.slot.load }, &writer)
            GatewayService.writeLimiter(shared.limiter, &writer)
            writer.key("workers")
            writer.beginArray()
            for worker in workers { GatewayService.writeStatistics(worker, &writer) }
            writer.endArray()
            writer.key("pending_workers")
            writer.int(gateway.registry.pending.count)
            writer.endObject()
        }
    }

    private func writeCounters(active: Int, _ writer: inout JSONWriter) {
        let totals = MetricTotals(gateway.shared.metrics.registry)
        writer.key("requests")
        writer.beginObject()
        writer.key("active")
        writer.int(active)
        writer.key("succeeded")
        writer.int(totals["sgl_router_requests_total"])
        writer.key("failed")
        writer.int(totals["sgl_router_request_errors_total"])
        writer.key("retries")
        writer.int(totals["sgl_router_retries_total"])
        writer.key("client_disconnects")
        writer.int(totals["smg_client_disconnects_total"])
        writer.key("stream_events")
        writer.int(totals["smg_stream_events_total"])
        writer.endObject()
        writer.key("cache")
        writer.beginObject()
        writer.key("hits")
        writer.int(totals["sgl_router_cache_hits_total"])
        writer.key("misses")
        writer.int(totals["sgl_router_cache_misses_total"])
        writer.endObject()
    }

    private static func writeLimiter(_ limiter: AdmissionLimiter, _ writer: inout JSONWriter) {
        let load = limiter.load
        writer.key("limiter")
        writer.beginObject()
        writer.key("enabled")
        writer.bool(limiter.isEnabled)
        writer.key("max_concurrent")
        writer.int(limiter.maxConcurrent)
        writer.key("running")
        writer.int(load.running)
        writer.key("queued")
        writer.int(load.queued)
        writer.endObject()
    }

    private static func writeStatistics(_ worker: Worker, _ writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("id")
        writer.string(worker.id)
        writer.key("url")
        writer.string(worker.url.description)
        writer.key("model_id")
        writer.string(worker.modelID)
        writer.key("status")
        writer.string(worker.status.label)
        writer.key("is_available")
        writer.bool(worker.slot.isAvailable)
        writer.key("load")
        writer.int(worker.slot.load)
        writer.key("processed")
        writer.int(worker.slot.processed)
        writer.key("circuit_breaker")
        writer.string(worker.breakerPhase.label)
        writer.endObject()
    }

    private static func document(_ write: (inout JSONWriter) -> Void) -> ByteBuffer {
        var writer = JSONWriter(ByteBuffer(capacity: 1024))
        write(&writer)
        return writer.buffer
    }
}
