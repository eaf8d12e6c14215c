internal import SMGBase
internal import SMGHTTP
internal import SMGProtocols

/// Writes the head of a request to a worker: the worker's prepared part, the client's end-to-end fields, our own.
///
/// Not passed on: hop-by-hop fields, Host, Content-Length and Expect (ours to say), Cookie (belongs to the gateway's
/// site), and the client's credentials when the worker has its own key or they were the gateway's key.
enum UpstreamHead {
    static func append(
        _ worker: Worker, _ endpoint: Endpoint, from exchange: ServerExchange, bodyBytes: Int, ownsCredentials: Bool,
        to buffer: ByteBuffer
    ) {
        worker.appendHeadPrefix(endpoint, to: buffer)
        let head = exchange.head
        let bytes = exchange.headBytes
        let headers = head.headers
        let forwarding = HeaderForwarding(headers, in: bytes, nominatesFields: head.nominatesFields, .upstream)
        let keepsCredentials = !ownsCredentials && worker.spec.apiKey == nil
        for index in 0..<headers.count {
            let field = headers[index]
            switch field.known {
            case .host, .contentLength, .expect, .cookie, .xRequestID: continue
            case .authorization, .xAPIKey: if !keepsCredentials { continue }
            default: break
            }
            guard forwarding.forwards(index) else { continue }
            buffer.append(bytes.slice(field.name))
            buffer.append(": ")
            buffer.append(bytes.slice(field.value))
            buffer.append("\r\n")
        }
        buffer.append("x-request-id: ")
        buffer.append(string: exchange.requestID)
        buffer.append("\r\ncontent-length: ")
        buffer.append(decimal: bodyBytes)
        buffer.append("\r\n\r\n")
    }
}

/// Passes a worker's answer head on to the client.
enum DownstreamHead {
    static func write(_ upstream: UpstreamExchange, to exchange: ServerExchange, cors: CORSPolicy) {
        let head = upstream.head
        let bytes = upstream.headBytes
        let headers = head.headers
        let forwarding = HeaderForwarding(headers, in: bytes, nominatesFields: head.nominatesFields, .downstream)
        exchange.beginHead(status: head.status)
        for index in 0..<headers.count {
            let field = headers[index]
            switch field.known {
            case .contentLength, .date, .xRequestID: continue
            default: break
            }
            guard forwarding.forwards(index) else { continue }
            exchange.putHeader(bytes.slice(field.name), bytes.slice(field.value))
        }
        exchange.putHeader("x-request-id", string: exchange.requestID)
        cors.putHeaders(on: exchange)
        switch head.framing {
        case .none: exchange.endHead(head.status == 204 || head.status == 304 ? .none : .known(0))
        case .contentLength(let count): exchange.endHead(.known(count))
        case .chunked, .untilClose: exchange.endHead(.streaming)
        }
    }
}
