public import CSMG
internal import SMGBase
internal import SMGCore
internal import SMGTelemetry

// The life of a gateway: convert, call, convert.

@c @implementation
public func smg_gateway_create(
    _ config_json: smg_bytes, _ gateway: UnsafeMutablePointer<OpaquePointer?>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> smg_status {
    gateway?.pointee = nil
    return Call.run(error) { () throws(Failure) in
        guard let gateway else { throw .argument("gateway is NULL") }
        let document = Array(try Call.bytes(config_json, "config_json"))
        let made: EmbeddedGateway
        do throws(EmbeddingError) { made = try EmbeddedGateway(json: document) } catch { throw Failure(error) }
        gateway.pointee = try Call.handle(made)
    }
}

@c @implementation
public func smg_gateway_create_from_arguments(
    _ arguments: UnsafePointer<UnsafePointer<CChar>?>!, _ count: Int, _ columns: Int32,
    _ gateway: UnsafeMutablePointer<OpaquePointer?>!, _ text: UnsafeMutablePointer<smg_buffer>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> smg_status {
    gateway?.pointee = nil
    text?.pointee = smg_buffer()
    return Call.run(error) { () throws(Failure) in
        guard let gateway else { throw .argument("gateway is NULL") }
        guard let text else { throw .argument("text is NULL") }
        let arguments = try Call.strings(arguments, count, "arguments")
        let request: EmbeddedGateway.Request
        do throws(EmbeddingError) {
            // Below this width the help text has no room for its columns.
            request = try EmbeddedGateway.request(arguments, columns: max(50, Int(columns)))
        } catch { throw Failure(error) }
        switch request {
        case .gateway(let made): gateway.pointee = try Call.handle(made)
        case .text(let answer): try Call.give(ByteBuffer(answer.utf8), to: text)
        }
    }
}

@c @implementation
public func smg_gateway_start(_ gateway: OpaquePointer!, _ error: UnsafeMutablePointer<OpaquePointer?>!) -> smg_status {
    Call.run(error) { () throws(Failure) in
        let gateway = try Call.gateway(gateway)
        do throws(EmbeddingError) { try gateway.start() } catch { throw Failure(error) }
    }
}

@c @implementation
public func smg_gateway_stop(
    _ gateway: OpaquePointer!, _ grace_ms: Int64, _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> smg_status {
    Call.run(error) { () throws(Failure) in
        let gateway = try Call.gateway(gateway)
        let grace = try Call.span(grace_ms, "grace_ms")
        do throws(EmbeddingError) { try gateway.stop(grace: grace) } catch { throw Failure(error) }
    }
}

@c @implementation
public func smg_gateway_wait(
    _ gateway: OpaquePointer!, _ timeout_ms: Int64, _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> smg_status {
    Call.run(error) { () throws(Failure) in
        let gateway = try Call.gateway(gateway)
        let limit = try Call.span(timeout_ms, "timeout_ms")
        let isStopped: Bool
        do throws(EmbeddingError) { isStopped = try gateway.wait(limit: limit) } catch { throw Failure(error) }
        if !isStopped { throw Failure(SMG_E_TIMEOUT, "the gateway still runs", isRetryable: true) }
    }
}

@c @implementation
public func smg_gateway_destroy(_ gateway: OpaquePointer!) {
    guard let gateway, !Process.isForked, let object = Handles.gateways[gateway] else { return }
    do throws(EmbeddingError) { try object.destroy() } catch { return }
    Handles.gateways.remove(gateway)
}

// MARK: - Addresses

/// A port, or a negative status.
private func port(_ gateway: OpaquePointer?, _ read: (GatewayService) -> UInt16) -> Int32 {
    do throws(Failure) {
        try Process.check()
        return Int32(read(try Call.service(gateway)))
    } catch { return error.status }
}

@c @implementation
public func smg_gateway_port(_ gateway: OpaquePointer!) -> Int32 { port(gateway) { $0.port } }

@c @implementation
public func smg_gateway_metrics_port(_ gateway: OpaquePointer!) -> Int32 { port(gateway) { $0.metricsPort } }

@c @implementation
public func smg_gateway_address(
    _ gateway: OpaquePointer!, _ address: UnsafeMutablePointer<smg_buffer>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> smg_status {
    Call.document(error, address, "address") { () throws(Failure) in
        ByteBuffer(try Call.service(gateway).addressText.utf8)
    }
}

// MARK: - Log

/// The host's word that its function and its data may be used from a thread of the library.
private struct HostLog: @unchecked Sendable {
    // SAFETY (@unchecked Sendable): the contract of smg_gateway_set_log.
    let function: smg_log_fn
    let userData: UnsafeMutableRawPointer?
    let release: smg_release_fn?
}

@c @implementation
public func smg_gateway_set_log(
    _ gateway: OpaquePointer!, _ level: Int32, _ function: smg_log_fn!, _ user_data: UnsafeMutableRawPointer!,
    _ release: smg_release_fn!, _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> smg_status {
    Call.run(error) { () throws(Failure) in
        let gateway = try Call.gateway(gateway)
        guard let level = UInt8(exactly: level).flatMap(LogLevel.init(rawValue:)), level != .off else {
            throw .argument("level is none of SMG_LOG_")
        }
        let receiver = function.map { function in
            let host = HostLog(function: function, userData: user_data, release: release)
            return LogReceiver(
                level: level,
                take: { level, line in
                    let bytes = smg_bytes(data: line.baseAddress?.assumingMemoryBound(to: UInt8.self), len: line.count)
                    host.function(Int32(level.rawValue), bytes, host.userData)
                }, release: { host.release?(host.userData) })
        }
        do throws(EmbeddingError) { try gateway.setLog(receiver) } catch { throw Failure(error) }
    }
}
