internal import CNGHTTP2
internal import SMGBase

/// Which header fields may go out over HTTP/2 (RFC 9113 §8.2, §8.3). What comes in is checked by the library.
enum HTTP2FieldRules {
    /// Fields that describe an HTTP/1 connection and must not cross into HTTP/2. `name` is in lower case.
    static func isConnectionBound(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool {
        switch name.count {
        case 2: name.equals("te") && !value.equalsIgnoringCase("trailers")
        case 7: name.equals("upgrade")
        case 10: name.equals("connection") || name.equals("keep-alive")
        case 14: name.equals("http2-settings")
        case 16: name.equals("proxy-connection")
        case 17: name.equals("transfer-encoding")
        default: false
        }
    }

    /// Whether name and value consist of bytes that HTTP/2 allows. This is what keeps CR, LF and NUL from being
    /// smuggled to a hop that speaks HTTP/1.
    static func isValid(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool {
        guard name.count > 0, name[0] != UInt8(ascii: ":") else { return false }
        return nghttp2_check_header_name(bytes(name), name.count) != 0
            && (value.count == 0 || nghttp2_check_header_value_rfc9113(bytes(value), value.count) != 0)
    }

    /// Whether the pseudo-header fields make a request.
    static func isValidRequest(_ headers: HTTP2Headers) -> Bool {
        let (method, scheme, path, authority) = (headers.method, headers.scheme, headers.path, headers.authority)
        return method.count > 0 && nghttp2_check_method(bytes(method), method.count) != 0
            && (scheme.equals("http") || scheme.equals("https"))
            && path.count > 0 && nghttp2_check_path(bytes(path), path.count) != 0
            && (authority.count == 0 || nghttp2_check_authority(bytes(authority), authority.count) != 0)
    }

    private static func bytes(_ view: UnsafeRawBufferPointer) -> UnsafePointer<UInt8>? {
        view.baseAddress?.assumingMemoryBound(to: UInt8.self)
    }
}
