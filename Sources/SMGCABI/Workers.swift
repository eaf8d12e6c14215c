public import CSMG
internal import SMGBase
internal import SMGCore

// Workers and statistics of a running gateway: convert, call, convert.

@c @implementation
public func smg_gateway_worker_add(
    _ gateway: OpaquePointer!, _ worker_json: smg_bytes, _ added: UnsafeMutablePointer<smg_buffer>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> smg_status {
    added?.pointee = smg_buffer()
    return Call.run(error) { () throws(Failure) in
        let gateway = try Call.gateway(gateway)
        let document = try Call.bytes(worker_json, "worker_json")
        let worker: ByteBuffer
        do throws(EmbeddingError) { worker = try gateway.addWorker(json: document) } catch { throw Failure(error) }
        if let added { try Call.give(worker, to: added) }
    }
}

@c @implementation
public func smg_gateway_worker_remove(
    _ gateway: OpaquePointer!, _ id_or_url: smg_bytes, _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> smg_status {
    Call.run(error) { () throws(Failure) in
        let gateway = try Call.gateway(gateway)
        guard let key = String(validating: try Call.bytes(id_or_url, "id_or_url"), as: UTF8.self) else {
            throw .argument("id_or_url is not UTF-8")
        }
        do throws(EmbeddingError) { try gateway.removeWorker(key) } catch { throw Failure(error) }
    }
}

@c @implementation
public func smg_gateway_workers(
    _ gateway: OpaquePointer!, _ workers: UnsafeMutablePointer<smg_buffer>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> smg_status {
    Call.document(error, workers, "workers") { () throws(Failure) in try Call.service(gateway).describeWorkers() }
}

@c @implementation
public func smg_gateway_stats(
    _ gateway: OpaquePointer!, _ stats: UnsafeMutablePointer<smg_buffer>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> smg_status {
    Call.document(error, stats, "stats") { () throws(Failure) in try Call.service(gateway).describeStatistics() }
}
