/// The fields a gateway looks at, recognised once while parsing so that later questions compare one byte.
package enum KnownHeader: UInt8, Sendable, CaseIterable {
    case other
    // Framing and connection
    case host, contentLength, transferEncoding, connection, keepAlive, te, trailer, upgrade, expect, http2Settings
    case proxyConnection, proxyAuthenticate, proxyAuthorization, proxyAuthenticationInfo
    // Content
    case contentType, contentEncoding, contentRange, accept, acceptEncoding, acceptLanguage, cacheControl, vary, etag
    // Who asks, who answers
    case authorization, xAPIKey, anthropicVersion, cookie, setCookie, origin, userAgent, server, date, via, location
    case allow, retryAfter, wwwAuthenticate
    case accessControlRequestMethod, accessControlRequestHeaders
    case forwarded, xForwardedFor, xForwardedHost, xForwardedProto, xRealIP
    // Request identity and tracing
    case xRequestID, xCorrelationID, xTraceID, requestID, traceparent, tracestate
    // The gateway's own
    case smgTargetWorker, smgRoutingKey, smgMCP, smgPriority, smgTenantID, smgErrorCode, smgPreempted

    /// The field named by `count` bytes at `base`, which hold no control characters.
    @inline(__always)
    package static func recognise(_ base: UnsafeRawPointer, _ count: Int) -> KnownHeader {
        // Only the length selects: each group is small enough that comparing its first words settles it.
        switch count {
        case 2...8: recogniseShort(base, count)
        case 9...14: recogniseMiddle(base, count)
        case 15...30: recogniseLong(base, count)
        default: .other
        }
    }

    /// Names of 2 to 8 bytes.
    private static func recogniseShort(_ base: UnsafeRawPointer, _ count: Int) -> KnownHeader {
        @inline(__always) func named(_ text: StaticString) -> Bool { FieldSyntax.spells(base, count, text) }
        switch count {
        case 2: if named("te") { return .te }
        case 3: if named("via") { return .via }
        case 4:
            if named("host") { return .host }
            if named("vary") { return .vary }
            if named("etag") { return .etag }
            if named("date") { return .date }
        case 5: if named("allow") { return .allow }
        case 6:
            if named("expect") { return .expect }
            if named("accept") { return .accept }
            if named("cookie") { return .cookie }
            if named("origin") { return .origin }
            if named("server") { return .server }
        case 7:
            if named("trailer") { return .trailer }
            if named("upgrade") { return .upgrade }
        case 8: if named("location") { return .location }
        default: break
        }
        return .other
    }

    /// Names of 9 to 14 bytes.
    private static func recogniseMiddle(_ base: UnsafeRawPointer, _ count: Int) -> KnownHeader {
        @inline(__always) func named(_ text: StaticString) -> Bool { FieldSyntax.spells(base, count, text) }
        switch count {
        case 9:
            if named("x-api-key") { return .xAPIKey }
            if named("forwarded") { return .forwarded }
            if named("x-real-ip") { return .xRealIP }
            if named("x-smg-mcp") { return .smgMCP }
        case 10:
            if named("connection") { return .connection }
            if named("keep-alive") { return .keepAlive }
            if named("set-cookie") { return .setCookie }
            if named("user-agent") { return .userAgent }
            if named("x-trace-id") { return .xTraceID }
            if named("request-id") { return .requestID }
            if named("tracestate") { return .tracestate }
        case 11:
            if named("retry-after") { return .retryAfter }
            if named("traceparent") { return .traceparent }
        case 12:
            if named("content-type") { return .contentType }
            if named("x-request-id") { return .xRequestID }
        case 13:
            if named("content-range") { return .contentRange }
            if named("cache-control") { return .cacheControl }
            if named("authorization") { return .authorization }
        case 14:
            if named("content-length") { return .contentLength }
            if named("http2-settings") { return .http2Settings }
            if named("x-smg-priority") { return .smgPriority }
        default: break
        }
        return .other
    }

    /// Names of 15 to 30 bytes.
    private static func recogniseLong(_ base: UnsafeRawPointer, _ count: Int) -> KnownHeader {
        @inline(__always) func named(_ text: StaticString) -> Bool { FieldSyntax.spells(base, count, text) }
        switch count {
        case 15:
            if named("accept-encoding") { return .acceptEncoding }
            if named("accept-language") { return .acceptLanguage }
            if named("x-forwarded-for") { return .xForwardedFor }
            if named("x-smg-tenant-id") { return .smgTenantID }
            if named("x-smg-preempted") { return .smgPreempted }
        case 16:
            if named("proxy-connection") { return .proxyConnection }
            if named("content-encoding") { return .contentEncoding }
            if named("www-authenticate") { return .wwwAuthenticate }
            if named("x-forwarded-host") { return .xForwardedHost }
            if named("x-correlation-id") { return .xCorrelationID }
            if named("x-smg-error-code") { return .smgErrorCode }
        case 17:
            if named("transfer-encoding") { return .transferEncoding }
            if named("anthropic-version") { return .anthropicVersion }
            if named("x-forwarded-proto") { return .xForwardedProto }
            if named("x-smg-routing-key") { return .smgRoutingKey }
        case 18: if named("proxy-authenticate") { return .proxyAuthenticate }
        case 19:
            if named("proxy-authorization") { return .proxyAuthorization }
            if named("x-smg-target-worker") { return .smgTargetWorker }
        case 25: if named("proxy-authentication-info") { return .proxyAuthenticationInfo }
        case 29: if named("access-control-request-method") { return .accessControlRequestMethod }
        case 30: if named("access-control-request-headers") { return .accessControlRequestHeaders }
        default: break
        }
        return .other
    }

    /// The field's name in lower case; empty for `other`.
    package var name: StaticString {
        switch self {
        case .other: ""
        case .host: "host"
        case .contentLength: "content-length"
        case .transferEncoding: "transfer-encoding"
        case .connection: "connection"
        case .keepAlive: "keep-alive"
        case .te: "te"
        case .trailer: "trailer"
        case .upgrade: "upgrade"
        case .expect: "expect"
        case .http2Settings: "http2-settings"
        case .proxyConnection: "proxy-connection"
        case .proxyAuthenticate: "proxy-authenticate"
        case .proxyAuthorization: "proxy-authorization"
        case .proxyAuthenticationInfo: "proxy-authentication-info"
        case .contentType: "content-type"
        case .contentEncoding: "content-encoding"
        case .contentRange: "content-range"
        case .accept: "accept"
        case .acceptEncoding: "accept-encoding"
        case .acceptLanguage: "accept-language"
        case .cacheControl: "cache-control"
        case .vary: "vary"
        case .etag: "etag"
        case .authorization: "authorization"
        case .xAPIKey: "x-api-key"
        case .anthropicVersion: "anthropic-version"
        case .cookie: "cookie"
        case .setCookie: "set-cookie"
        case .origin: "origin"
        case .userAgent: "user-agent"
        case .server: "server"
        case .date: "date"
        case .via: "via"
        case .location: "location"
        case .allow: "allow"
        case .retryAfter: "retry-after"
        case .wwwAuthenticate: "www-authenticate"
        case .accessControlRequestMethod: "access-control-request-method"
        case .accessControlRequestHeaders: "access-control-request-headers"
        case .forwarded: "forwarded"
        case .xForwardedFor: "x-forwarded-for"
        case .xForwardedHost: "x-forwarded-host"
        case .xForwardedProto: "x-forwarded-proto"
        case .xRealIP: "x-real-ip"
        case .xRequestID: "x-request-id"
        case .xCorrelationID: "x-correlation-id"
        case .xTraceID: "x-trace-id"
        case .requestID: "request-id"
        case .traceparent: "traceparent"
        case .tracestate: "tracestate"
        case .smgTargetWorker: "x-smg-target-worker"
        case .smgRoutingKey: "x-smg-routing-key"
        case .smgMCP: "x-smg-mcp"
        case .smgPriority: "x-smg-priority"
        case .smgTenantID: "x-smg-tenant-id"
        case .smgErrorCode: "x-smg-error-code"
        case .smgPreempted: "x-smg-preempted"
        }
    }
}
