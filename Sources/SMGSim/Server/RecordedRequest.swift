internal import SMGBase
internal import SMGHTTP
internal import SMGJSON
internal import SMGNet

extension EngineStats {
    /// A request as it came, taken apart only when somebody looks.
    package struct Request: Sendable {
        /// Longest body kept for tests to look at; of longer ones the hash is.
        package static let keptBodyBytes = 1 << 20

        /// The head's bytes, from the request line to the empty line.
        package let head: [UInt8]
        /// The body, empty if it was longer than `keptBodyBytes`.
        package let body: [UInt8]
        package let bodyBytes: Int
        private let longBodyHash: String?

        init(head: UnsafeRawBufferPointer, body: UnsafeRawBufferPointer) {
            self.head = Array(head)
            bodyBytes = body.count
            let isKept = body.count <= Self.keptBodyBytes
            self.body = isKept ? Array(body) : []
            longBodyHash = isKept ? nil : sha256(body).hex
        }

        /// SHA-256 of the body, in hexadecimal digits.
        package var bodyHash: String { longBodyHash ?? body.withUnsafeBytes { sha256($0).hex } }

        /// `POST`.
        package var method: String { read { $0.slice($1.methodText).string } ?? "" }

        /// `/v1/chat/completions`, as it was sent.
        package var target: String { read { $0.slice($1.target).string } ?? "" }

        /// Names in lower case, in the order they came.
        package var headers: [(name: String, value: String)] {
            read { bytes, head in
                (0..<head.headers.count).map { index in
                    (
                        head.headers.name(at: index, in: bytes).string.lowercased(),
                        head.headers.value(at: index, in: bytes).string
                    )
                }
            } ?? []
        }

        /// The value of the first field `name` (lower case).
        package func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }

        private func read<T>(_ look: (UnsafeRawBufferPointer, RequestHead) -> T) -> T? {
            head.withUnsafeBytes { bytes in
                var parser = RequestHeadParser()
                guard let parsed = try? parser.parse(bytes), case .request(let head) = parsed else { return nil }
                return look(bytes, head)
            }
        }

        func write(to writer: inout JSONWriter) {
            writer.beginObject()
            writer.key("method")
            writer.string(method)
            writer.key("target")
            writer.string(target)
            writer.key("headers")
            writer.beginArray()
            for (name, value) in headers {
                writer.beginArray()
                writer.string(name)
                writer.string(value)
                writer.endArray()
            }
            writer.endArray()
            writer.key("body_bytes")
            writer.int(bodyBytes)
            writer.key("body_sha256")
            writer.string(bodyHash)
            writer.endObject()
        }
    }
}
