internal import SMGBase
internal import SMGConfig
internal import SMGJSON
internal import SMGRouting

/// A worker as the API shows and takes it.
enum WorkerDescription {
    /// Words a worker may be labelled with, at most; each is shown in every listing.
    private static let maxLabels = 64

    /// Reads `{"url": …, "api_key"?, "model_id"?, "priority"?, "cost"?, "labels"?, "worker_type"?}`.
    static func parse(_ body: UnsafeRawBufferPointer) throws(GatewayError) -> WorkerSpec {
        let root: JSONSlice
        do throws(JSONError) { root = try JSONSlice(parsing: body) } catch {
            throw GatewayError(.jsonParseError, "The request body is not valid JSON: \(error.message).")
        }
        guard root.kind == .object else {
            throw GatewayError(.invalidRequest, "The request body must be a JSON object.")
        }
        guard let text = root["url"]?.string else {
            throw GatewayError(.missingParameter, "The required parameter 'url' is missing.", param: "url")
        }
        var spec: WorkerSpec
        do throws(WorkerURL.Fault) { spec = WorkerSpec(url: try WorkerURL(text)) } catch {
            throw GatewayError(.invalidRequest, "The worker URL \(error.explanation).", param: "url")
        }
        if let type = root["worker_type"]?.string, type != "regular" {
            throw GatewayError(
                .invalidRequest, "Only workers of the type 'regular' are supported.", param: "worker_type")
        }
        spec.apiKey = root["api_key"]?.string.map { Secret($0) }
        spec.modelID = root["model_id"]?.string
        if let priority = root["priority"]?.int64 { spec.priority = Int(truncatingIfNeeded: priority) }
        if let cost = root["cost"]?.double { spec.cost = cost }
        if let labels = root["labels"], labels.kind == .object {
            for (key, value) in labels.members {
                guard let value = value.string else {
                    throw GatewayError(.invalidRequest, "Labels must be strings.", param: "labels")
                }
                spec.labels[key.string] = value
            }
            guard spec.labels.count <= maxLabels else {
                throw GatewayError(.invalidRequest, "A worker has at most \(maxLabels) labels.", param: "labels")
            }
        }
        return spec
    }

    static func write(_ worker: Worker, to writer: inout JSONWriter) {
        writer.beginObject()
        writeCommon(worker.id, worker.spec, model: worker.modelID, worker.status, load: worker.slot.load, &writer)
        writer.key("circuit_breaker")
        writer.string(worker.breakerPhase.label)
        writer.endObject()
    }

    static func write(_ pending: PendingWorker, to writer: inout JSONWriter) {
        writer.beginObject()
        let model = pending.spec.modelID ?? "unknown"
        writeCommon(pending.id, pending.spec, model: model, pending.status, load: 0, &writer)
        writer.key("job_status")
        writer.beginObject()
        writer.key("job_type")
        writer.string("AddWorker")
        writer.key("worker_url")
        writer.string(pending.spec.url.description)
        writer.key("status")
        writer.string(pending.status == .failed ? "failed" : "processing")
        writer.key("message")
        writer.string(pending.message)
        writer.endObject()
        writer.endObject()
    }

    private static func writeCommon(
        _ id: String, _ spec: WorkerSpec, model: String, _ status: WorkerStatus, load: Int, _ writer: inout JSONWriter
    ) {
        writer.key("id")
        writer.string(id)
        writer.key("url")
        writer.string(spec.url.description)
        writer.key("model_id")
        writer.string(model)
        writer.key("priority")
        writer.int(spec.priority)
        writer.key("cost")
        writer.double(spec.cost)
        writer.key("worker_type")
        writer.string("regular")
        writer.key("is_healthy")
        writer.bool(status == .ready)
        writer.key("status")
        writer.string(status.label)
        writer.key("load")
        writer.int(load)
        writer.key("connection_mode")
        writer.string("HTTP")
        writer.key("metadata")
        writer.beginObject()
        for (key, value) in spec.labels.sorted(by: { $0.key < $1.key }) {
            writer.key(key)
            writer.string(value)
        }
        writer.endObject()
    }
}
