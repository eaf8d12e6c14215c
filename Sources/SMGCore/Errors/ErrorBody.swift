internal import SMGBase
internal import SMGHTTP
internal import SMGJSON

/// The OpenAI error object, which every error a client sees has as its body.
enum ErrorBody {
    static func append(_ error: GatewayError, to buffer: ByteBuffer) {
        append(
            message: error.message, type: error.code.type, param: error.param, code: error.publicCode, to: buffer)
    }

    static func append(message: String, type: StaticString, param: String?, code: String, to buffer: ByteBuffer) {
        var writer = JSONWriter(buffer)
        writer.beginObject()
        writer.key("error")
        writer.beginObject()
        writer.key("message")
        writer.string(message)
        writer.key("type")
        writer.string(type)
        writer.key("param")
        if let param { writer.string(param) } else { writer.null() }
        writer.key("code")
        writer.string(code)
        writer.endObject()
        writer.endObject()
    }

    /// Answers `exchange` with `error`.
    static func respond(_ error: GatewayError, on exchange: ServerExchange, cors: CORSPolicy) {
        let body = ByteBuffer(capacity: 256)
        append(error, to: body)
        exchange.respond(status: error.code.status, contentType: "application/json", body: body.readable) { exchange in
            putFields(error, on: exchange)
            cors.putHeaders(on: exchange)
        }
    }

    private static func putFields(_ error: GatewayError, on exchange: ServerExchange) {
        exchange.putHeader("x-smg-error-code", string: error.publicCode)
        if !exchange.requestID.isEmpty { exchange.putHeader("x-request-id", string: exchange.requestID) }
        if let seconds = error.code.retryAfterSeconds { exchange.putHeader("retry-after", string: String(seconds)) }
        if error.code == .invalidAPIKey { exchange.putHeader("www-authenticate", "Bearer") }
    }
}
