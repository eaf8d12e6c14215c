internal import SMGBase
internal import SMGHTTP
internal import SMGJSON
internal import SMGNet

/// Health, what the engine is, how busy it is, and its cache.
struct EngineInfo {
    let host: EngineHost
    let connection: EngineConnection

    func run(_ path: EnginePath) async {
        switch path {
        case .health: health()
        case .healthGenerate: await healthGenerate()
        case .models: models()
        case .modelInfo: modelInfo()
        case .serverInfo: serverInfo()
        case .load: load()
        case .loads: loads()
        case .flushCache: flushCache()
        case .metrics: metrics()
        default: break
        }
    }

    private func json(_ write: (inout JSONWriter) -> Void) {
        host.scratch.clear()
        var writer = JSONWriter(host.scratch)
        write(&writer)
        connection.answer(status: 200, contentType: "application/json", host.scratch.readable)
    }

    private func text(_ status: Int, _ text: StaticString) {
        let bytes = UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        connection.answer(status: status, contentType: "text/plain; charset=utf-8", bytes)
    }

    private func health() { host.faults.unhealthy ? text(503, "unhealthy") : text(200, "") }

    /// Health as one generated token shows it: waits in the queue like any request.
    private func healthGenerate() async {
        guard !host.faults.unhealthy else { return health() }
        var prompt = BlockChain.text(blockSize: host.options.engine.clamped.blockSize)
        let question: StaticString = "health check"
        prompt.append(UnsafeRawBufferPointer(start: question.utf8Start, count: question.utf8CodeUnitCount))
        do throws(EngineRefusal) {
            guard let ticket = try await host.admit(prompt, completionTokens: 1, for: connection) else { return }
            while host.loop.now < ticket.schedule.lastTokenAt {
                guard await connection.pause(until: ticket.schedule.lastTokenAt) else {
                    return host.cancel(ticket, tokens: 0)
                }
            }
            host.finish(ticket)
            text(200, "")
        } catch { text(503, "busy") }
    }

    private func models() {
        json { writer in
            writer.beginObject()
            writer.key("object")
            writer.string("list")
            writer.key("data")
            writer.beginArray()
            writer.beginObject()
            writer.key("id")
            writer.string(host.options.model)
            writer.key("object")
            writer.string("model")
            writer.key("created")
            writer.int(Int(WallClock.seconds()))
            writer.key("owned_by")
            writer.string("sglang")
            writer.key("root")
            writer.string(host.options.model)
            writer.key("max_model_len")
            writer.int(host.model.capacityTokens)
            writer.endObject()
            writer.endArray()
            writer.endObject()
        }
    }

    private func modelInfo() {
        json { writer in
            writer.beginObject()
            writer.key("model_path")
            writer.string(host.options.model)
            writer.key("tokenizer_path")
            writer.string(host.options.model)
            writer.key("is_generation")
            writer.bool(true)
            writer.key("model_type")
            writer.string("simulated")
            writer.endObject()
        }
    }

    private func serverInfo() {
        let load = host.model.load(at: host.loop.now)
        json { writer in
            writer.beginObject()
            writer.key("model_path")
            writer.string(host.options.model)
            writer.key("served_model_name")
            writer.string(host.options.model)
            writer.key("version")
            writer.string(SMGVersion.text)
            writer.key("status")
            writer.string("ready")
            writer.key("dp_size")
            writer.int(1)
            writer.key("tp_size")
            writer.int(1)
            writer.key("page_size")
            writer.int(host.model.options.blockSize)
            writer.key("max_total_num_tokens")
            writer.int(load.maxTokens)
            writer.key("max_running_requests")
            writer.int(host.model.options.maxRunning)
            writer.key("uptime_seconds")
            writer.double((host.loop.now - host.startedAt).seconds)
            writer.endObject()
        }
    }

    /// SGLang's older form: one object for each data-parallel rank.
    private func load() {
        let load = host.model.load(at: host.loop.now)
        json { writer in
            writer.beginArray()
            writer.beginObject()
            writer.key("dp_rank")
            writer.int(0)
            writer.key("num_reqs")
            writer.int(load.running + load.waiting)
            writer.key("num_waiting_reqs")
            writer.int(load.waiting)
            writer.key("num_tokens")
            writer.int(load.usedTokens + load.waitingTokens)
            writer.endObject()
            writer.endArray()
        }
    }

    private func loads() {
        let load = host.model.load(at: host.loop.now)
        json { writer in
            writer.beginObject()
            writer.key("version")
            writer.string(SMGVersion.text)
            writer.key("dp_rank_count")
            writer.int(1)
            writer.key("loads")
            writer.beginArray()
            writer.beginObject()
            writer.key("dp_rank")
            writer.int(0)
            writer.key("num_running_reqs")
            writer.int(load.running)
            writer.key("num_waiting_reqs")
            writer.int(load.waiting)
            writer.key("num_total_reqs")
            writer.int(load.running + load.waiting)
            writer.key("num_used_tokens")
            writer.int(load.usedTokens)
            writer.key("num_waiting_tokens")
            writer.int(load.waitingTokens)
            writer.key("max_total_num_tokens")
            writer.int(load.maxTokens)
            writer.key("token_usage")
            writer.double(load.tokenUsage)
            writer.key("gen_throughput")
            writer.double(Double(load.running) * host.model.options.decodeTokensPerSecond)
            writer.key("cache_hit_rate")
            writer.double(load.cacheHitRate)
            writer.key("utilization")
            writer.double(Double(load.running) / Double(host.model.options.maxRunning))
            writer.key("max_running_requests")
            writer.int(host.model.options.maxRunning)
            writer.endObject()
            writer.endArray()
            writer.endObject()
        }
    }

    private func flushCache() {
        host.model.flushCache()
        text(200, "Cache flushed.\n")
    }

    private func metrics() {
        let stats = host.currentStats
        host.scratch.clear()
        let values: [(StaticString, Double)] = [
            ("sglang:num_running_reqs", Double(stats.load.running)),
            ("sglang:num_queue_reqs", Double(stats.load.waiting)),
            ("sglang:num_used_tokens", Double(stats.load.usedTokens)),
            ("sglang:token_usage", stats.load.tokenUsage),
            ("sglang:cache_hit_rate", stats.load.cacheHitRate),
        ]
        for (name, value) in values {
            host.scratch.append("# TYPE ")
            host.scratch.append(name)
            host.scratch.append(" gauge\n")
            host.scratch.append(name)
            host.scratch.append("{model_name=")
            var label = JSONWriter(host.scratch)
            label.string(host.options.model)
            host.scratch.append("} ")
            var number = JSONWriter(host.scratch)
            number.double(value)
            host.scratch.append("\n")
        }
        connection.answer(status: 200, contentType: "text/plain; version=0.0.4", host.scratch.readable)
    }
}
