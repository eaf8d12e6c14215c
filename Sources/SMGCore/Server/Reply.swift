internal import SMGBase
internal import SMGHTTP
internal import SMGJSON

/// Answers that the gateway makes itself: the fields they all have, in one place.
struct Reply {
    let cors: CORSPolicy

    /// Answers with the document that `write` makes.
    /// - Parameter location: where what was made can be found.
    func json(
        _ exchange: ServerExchange, status: Int = 200, location: String? = nil, _ write: (inout JSONWriter) -> Void
    ) {
        let body = ByteBuffer(capacity: 1024)
        var writer = JSONWriter(body)
        write(&writer)
        json(exchange, status: status, location: location, body: body)
    }

    /// Answers with a document that is there already.
    func json(_ exchange: ServerExchange, status: Int = 200, location: String? = nil, body: ByteBuffer) {
        exchange.respond(status: status, contentType: "application/json", body: body.readable) { exchange in
            putFields(on: exchange)
            if let location { exchange.putHeader("location", string: location) }
        }
    }

    func text(_ exchange: ServerExchange, _ text: StaticString) {
        let body = UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        exchange.respond(status: 200, contentType: "text/plain; charset=utf-8", body: body, headers: putFields)
    }

    func error(_ exchange: ServerExchange, _ error: GatewayError) {
        ErrorBody.respond(error, on: exchange, cors: cors)
    }

    /// The fields of every answer.
    func putFields(on exchange: ServerExchange) {
        exchange.putHeader("x-request-id", string: exchange.requestID)
        cors.putHeaders(on: exchange)
    }

    /// The whole request body, at most `limit` bytes.
    static func body(of exchange: ServerExchange, limit: Int) async throws(GatewayError) -> UnsafeRawBufferPointer {
        do throws(RequestBodyError) { return try await exchange.readBody(limit: limit) } catch {
            throw GatewayError(body: error, limit: limit)
        }
    }

    /// The request body as a JSON object. Valid as long as the exchange.
    static func object(of exchange: ServerExchange, limit: Int) async throws(GatewayError) -> JSONSlice {
        let body = try await body(of: exchange, limit: limit)
        let root: JSONSlice
        do throws(JSONError) { root = try JSONSlice(parsing: body) } catch {
            throw GatewayError(.jsonParseError, "The request body is not valid JSON: \(error.message).")
        }
        guard root.kind == .object else {
            throw GatewayError(.jsonParseError, "The request body is not a JSON object.")
        }
        return root
    }
}
