internal import CNGHTTP2
internal import SMGBase

/// Making the library's session: options, callbacks, first SETTINGS.
extension HTTP2Session {
    static func makeNative(_ role: Role) -> OpaquePointer? {
        var options: OpaquePointer?
        var callbacks: OpaquePointer?
        defer {
            nghttp2_option_del(options)
            nghttp2_session_callbacks_del(callbacks)
        }
        guard nghttp2_option_new(&options) == 0, nghttp2_session_callbacks_new(&callbacks) == 0 else { return nil }
        // Credit is given by `consume`, when the application took the bytes.
        nghttp2_option_set_no_auto_window_update(options, 1)
        // Closed streams are kept for a priority tree that we do not use.
        nghttp2_option_set_no_closed_streams(options, 1)
        nghttp2_option_set_max_outbound_ack(options, HTTP2Limits.maxQueuedAcks)
        nghttp2_option_set_max_settings(options, HTTP2Limits.maxSettingsEntries)
        nghttp2_option_set_max_deflate_dynamic_table_size(options, HTTP2Limits.headerTableSize)
        // Ours is checked before a block is submitted; the library's estimate must not refuse what passed.
        nghttp2_option_set_max_send_header_block_length(options, 4 * HTTP2Limits.maxSentHeaderListBytes)
        // The flood guard counts these. The library counts one for each time it starts or resumes reading a frame
        // header, so honest blocks that arrive in small pieces would trip the same number: nine bytes, nine pieces.
        nghttp2_option_set_max_continuations(options, 9 * HTTP2Limits.maxContinuations + 9)
        install(callbacks)

        // The callbacks and options are copied: both can be freed at once.
        var native: OpaquePointer?
        let result =
            role == .server
            ? nghttp2_session_server_new2(&native, callbacks, nil, options)
            : nghttp2_session_client_new2(&native, callbacks, nil, options)
        return result == 0 ? native : nil
    }

    func submitSettings() throws(HTTP2Error) {
        func entry(_ id: nghttp2_settings_id, _ value: Int) -> nghttp2_settings_entry {
            nghttp2_settings_entry(settings_id: Int32(id.rawValue), value: UInt32(clamping: value))
        }
        var entries = [
            entry(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, configuration.maxConcurrentStreams),
            entry(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, configuration.streamWindow),
            entry(NGHTTP2_SETTINGS_MAX_FRAME_SIZE, configuration.maxFrameSize),
            entry(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, configuration.maxHeaderListBytes),
        ]
        if role == .client {
            entries.append(entry(NGHTTP2_SETTINGS_ENABLE_PUSH, 0))
        } else {
            // No RFC 7540 dependency trees: they cost memory and invite attacks.
            entries.append(entry(NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1))
        }
        let flags = UInt8(NGHTTP2_FLAG_NONE.rawValue)
        guard nghttp2_submit_settings(native, flags, entries, entries.count) == 0,
            nghttp2_session_set_local_window_size(native, flags, 0, Int32(clamping: configuration.connectionWindow))
                == 0
        else { throw .internalFailure }
    }
}

// MARK: - Callbacks

// SAFETY: `user` is the session that is making the call into the library, alive for its length (see `init`).
private func session(_ user: UnsafeMutableRawPointer?) -> HTTP2Session? {
    guard let user else { return nil }
    return Unmanaged<HTTP2Session>.fromOpaque(user).takeUnretainedValue()
}

private let callbackFailed = NGHTTP2_ERR_CALLBACK_FAILURE.rawValue

extension HTTP2Session {
    private static func install(_ callbacks: OpaquePointer?) {
        installReceiving(callbacks)
        installSending(callbacks)
        nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { _, id, code, user in
            session(user)?.streamClosed(id, HTTP2ErrorCode(rawValue: code))
            return 0
        }
    }

    private static func installReceiving(_ callbacks: OpaquePointer?) {
        nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { _, frame, user in
            guard let frame else { return callbackFailed }
            return session(user)?.beganHeaders(frame.pointee) ?? callbackFailed
        }
        nghttp2_session_callbacks_set_on_header_callback(callbacks) {
            _, _, name, nameCount, value, valueCount, flags, user in
            session(user)?.receivedHeader(
                UnsafeRawBufferPointer(start: name, count: nameCount),
                UnsafeRawBufferPointer(start: value, count: valueCount),
                sensitive: flags & UInt8(NGHTTP2_NV_FLAG_NO_INDEX.rawValue) != 0) ?? callbackFailed
        }
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) { _, _, id, data, count, user in
            session(user)?.receivedData(id, UnsafeRawBufferPointer(start: data, count: count))
            return 0
        }
        nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, user in
            guard let frame else { return callbackFailed }
            session(user)?.receivedFrame(frame.pointee)
            return 0
        }
    }

    private static func installSending(_ callbacks: OpaquePointer?) {
        nghttp2_session_callbacks_set_send_data_callback(callbacks) { _, frame, head, count, _, user in
            guard let frame else { return callbackFailed }
            return session(user)?.writeData(frame.pointee.hd.stream_id, head, count) ?? callbackFailed
        }
        nghttp2_session_callbacks_set_on_frame_send_callback(callbacks) { _, frame, user in
            guard let frame else { return callbackFailed }
            session(user)?.sentFrame(frame.pointee)
            return 0
        }
        nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks) { _, frame, result, user in
            guard let frame else { return callbackFailed }
            session(user)?.failedToSend(frame.pointee, result)
            return 0
        }
    }

    /// The source of every body: reads from the stream's queue.
    static func bodySource() -> nghttp2_data_provider {
        nghttp2_data_provider(
            source: nghttp2_data_source(),
            read_callback: { _, id, _, length, flags, _, user in
                guard let flags else { return Int(callbackFailed) }
                return session(user)?.readBody(id, length, &flags.pointee) ?? Int(callbackFailed)
            })
    }
}
