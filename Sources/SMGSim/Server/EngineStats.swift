internal import SMGJSON

/// What a simulated engine has seen and done.
package struct EngineStats: Sendable {
    package var name = ""
    package var model = ""
    /// Requests by path; unknown paths count as "other".
    package var requests: [String: Int] = [:]
    /// Inference requests received.
    package var received = 0
    /// Inference requests being answered now.
    package var active = 0
    /// Inference requests answered to their end.
    package var completed = 0
    /// Inference requests whose client left before their end.
    package var cancelled = 0
    /// Inference requests refused: not valid, or the queue full.
    package var refused = 0
    /// Times a fault was played.
    package var faults = 0
    package var bytesReceived = 0
    package var bytesSent = 0
    /// Sums over admitted requests.
    package var promptTokens = 0
    package var cachedTokens = 0
    package var completionTokens = 0
    package var connectionsAccepted = 0
    package var connectionsOpen = 0
    package var connectionsDropped = 0
    package var load = EngineLoad()
    /// The last inference request.
    package var lastRequest: Request?

    /// A counter by its name in JSON; nil if there is none.
    package func counter(_ name: String) -> Int? { counters.first { "\($0.0)" == name }?.1 }

    private var counters: [(StaticString, Int)] {
        [
            ("received", received), ("active", active), ("completed", completed), ("cancelled", cancelled),
            ("refused", refused), ("faults", faults), ("bytes_received", bytesReceived), ("bytes_sent", bytesSent),
            ("prompt_tokens", promptTokens), ("cached_tokens", cachedTokens),
            ("completion_tokens", completionTokens), ("connections_accepted", connectionsAccepted),
            ("connections_open", connectionsOpen), ("connections_dropped", connectionsDropped),
            ("running", load.running), ("waiting", load.waiting),
        ]
    }

    /// Writes the object of `GET /sim/stats`.
    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("name")
        writer.string(name)
        writer.key("model")
        writer.string(model)
        for (key, value) in counters {
            writer.key(key)
            writer.int(value)
        }
        writer.key("cache_hit_rate")
        writer.double(load.cacheHitRate)
        writer.key("cached_blocks")
        writer.int(load.cachedBlocks)
        writer.key("requests")
        writer.beginObject()
        for (path, count) in requests.sorted(by: { $0.key < $1.key }) {
            writer.key(path)
            writer.int(count)
        }
        writer.endObject()
        writer.key("last_request")
        if let lastRequest { lastRequest.write(to: &writer) } else { writer.null() }
        writer.endObject()
    }
}
