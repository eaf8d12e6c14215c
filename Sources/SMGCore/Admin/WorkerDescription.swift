internal import SMGBase
internal import SMGConfig
internal import SMGJSON
internal import SMGRouting

/// A worker as the API shows and takes it.
enum WorkerDescription {
    /// Words a worker may be labelled with, at most; each is shown in every listing.
    private static let maxLabels = 64
    /// A model's name is a metric label and is compared with every request's.
    private static let maxModelBytes = 1024
    /// The key is sent with every request; servers take heads of 8 KiB.
    private static let maxKeyBytes = 4096
    /// What the system this one replaces takes.
    private static let priorities = 0...Int64(UInt32.max)

    /// Reads `{"url": …, "api_key"?, "model_id"?, "priority"?, "cost"?, "labels"?, "worker_type"?}`. A null counts as
    /// absent, and members that are not known are ignored.
    static func parse(_ body: UnsafeRawBufferPointer) throws(GatewayError) -> WorkerSpec {
        let root: JSONSlice
        do throws(JSONError) { root = try JSONSlice(parsing: body) } catch {
            throw GatewayError(.jsonParseError, "The request body is not valid JSON: \(error.message).")
        }
        guard root.kind == .object else {
            throw GatewayError(.invalidRequest, "The request body must be a JSON object.")
        }
        guard let text = try string(root, "url") else {
            throw GatewayError(.missingParameter, "The required parameter 'url' is missing.", param: "url")
        }
        var spec: WorkerSpec
        do throws(WorkerURL.Fault) { spec = WorkerSpec(url: try WorkerURL(text)) } catch {
            throw GatewayError(.invalidRequest, "The worker URL \(error.explanation).", param: "url")
        }
        if let type = try string(root, "worker_type"), type != "regular" {
            throw invalid("worker_type", "only workers of the type 'regular' are supported")
        }
        spec.apiKey = try key(root)
        spec.modelID = try string(root, "model_id")
        if let model = spec.modelID, model.isEmpty || model.utf8.count > maxModelBytes {
            throw invalid("model_id", "a model's name has 1 to \(maxModelBytes) bytes")
        }
        if let value = member(root, "priority") {
            guard let priority = value.int64, priorities.contains(priority) else {
                throw invalid("priority", "must be a whole number from 0 to \(priorities.upperBound)")
            }
            spec.priority = Int(priority)
        }
        if let value = member(root, "cost") {
            guard let cost = value.double, cost >= 0 else { throw invalid("cost", "must be a number, 0 or more") }
            spec.cost = cost
        }
        spec.labels = try labels(root)
        return spec
    }

    private static func invalid(_ name: StaticString, _ what: String) -> GatewayError {
        GatewayError(.invalidRequest, "The parameter '\(name)' is not valid: \(what).", param: "\(name)")
    }

    /// The member, unless it is absent or null.
    private static func member(_ root: JSONSlice, _ name: StaticString) -> JSONSlice? {
        root[name].flatMap { $0.isNull ? nil : $0 }
    }

    private static func string(_ root: JSONSlice, _ name: StaticString) throws(GatewayError) -> String? {
        guard let value = member(root, name) else { return nil }
        guard let text = value.string else { throw invalid(name, "must be a string") }
        return text
    }

    /// The key goes into a header field as it is: a line break in it would let its owner write further fields.
    private static func key(_ root: JSONSlice) throws(GatewayError) -> Secret? {
        guard let text = try string(root, "api_key") else { return nil }
        guard (1...maxKeyBytes).contains(text.utf8.count), text.utf8.allSatisfy({ 0x21...0x7e ~= $0 }) else {
            throw invalid("api_key", "must be 1 to \(maxKeyBytes) ASCII characters without spaces")
        }
        return Secret(text)
    }

    private static func labels(_ root: JSONSlice) throws(GatewayError) -> [String: String] {
        guard let object = member(root, "labels") else { return [:] }
        guard object.kind == .object else { throw invalid("labels", "must be an object") }
        var labels: [String: String] = [:]
        for (key, value) in object.members {
            guard let value = value.string else { throw invalid("labels", "labels must be strings") }
            labels[key.string] = value
            guard labels.count <= maxLabels else { throw invalid("labels", "a worker has at most \(maxLabels)") }
        }
        return labels
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
        writeCommon(
            pending.id, pending.spec, model: pending.spec.modelID ?? "unknown", pending.status, load: 0, &writer)
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
