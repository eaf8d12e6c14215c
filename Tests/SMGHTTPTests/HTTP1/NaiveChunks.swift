import SMGHTTP

/// What decoding a chunked body came to.
enum ChunkOutcome: Equatable {
    case complete(payload: [UInt8], consumed: Int)
    case incomplete(payload: [UInt8])
    case failed(code: String)
}

/// The chunked coding read straight from its grammar, over the whole input at once: slow, and easy to believe.
struct NaiveChunks {
    private enum Stop: Error { case needMore, failed(HTTPParseError) }

    private let bytes: [UInt8]
    private var at = 0
    private var payload: [UInt8] = []

    static func decode(_ bytes: [UInt8]) -> ChunkOutcome {
        var naive = NaiveChunks(bytes: bytes)
        do throws(Stop) {
            try naive.body()
            return .complete(payload: naive.payload, consumed: naive.at)
        } catch {
            switch error {
            case .needMore: return .incomplete(payload: naive.payload)
            case .failed(let reason): return .failed(code: reason.code)
            }
        }
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private func peek() throws(Stop) -> UInt8 {
        guard at < bytes.count else { throw .needMore }
        return bytes[at]
    }

    private mutating func expect(_ byte: UInt8, or error: HTTPParseError) throws(Stop) {
        guard try peek() == byte else { throw .failed(error) }
        at += 1
    }

    private mutating func body() throws(Stop) {
        var extensions = 0
        while true {
            let size = try chunkLine(&extensions)
            if size == 0 { break }
            let available = min(size, bytes.count - at)
            payload += bytes[at..<at + available]
            at += available
            guard available == size else { throw .needMore }
            try expect(13, or: .invalidChunkEnd)
            try expect(10, or: .invalidChunkEnd)
        }
        let start = at
        while try peek() != 13 { try trailer(start) }
        try count(start)
        at += 1
        _ = try peek()
        try count(start)
        try expect(10, or: .bareCarriageReturn)
    }

    private mutating func chunkLine(_ extensions: inout Int) throws(Stop) -> Int {
        var digits: [UInt8] = []
        while isHexDigit(try peek()) {
            digits.append(try peek())
            // Sixteen digits whose value a signed 64-bit number holds.
            guard digits.count <= 16, Int(String(decoding: digits, as: UTF8.self), radix: 16) != nil else {
                throw .failed(.chunkSizeTooLong)
            }
            at += 1
        }
        guard let size = Int(String(decoding: digits, as: UTF8.self), radix: 16) else {
            throw .failed(.invalidChunkSize)
        }
        var inBlanks = false
        while [0x20, 9].contains(try peek()) {
            if inBlanks { try countExtension(&extensions) }
            inBlanks = true
            at += 1
        }
        if inBlanks {
            _ = try peek()
            try countExtension(&extensions)
            guard try peek() == UInt8(ascii: ";") else { throw .failed(.invalidChunkSize) }
        }
        if try peek() == UInt8(ascii: ";") {
            at += 1
            try chunkExtension(&extensions)
        } else if try peek() == 10 {
            throw .failed(.bareLineFeed)
        }
        try expect(13, or: .invalidChunkSize)
        try expect(10, or: .bareCarriageReturn)
        return size
    }

    private mutating func chunkExtension(_ extensions: inout Int) throws(Stop) {
        while try peek() != 13 {
            let byte = try peek()
            if byte == 10 { throw .failed(.bareLineFeed) }
            if byte < 32 && byte != 9 || byte == 127 { throw .failed(.invalidChunkExtension) }
            try countExtension(&extensions)
            at += 1
        }
    }

    private func countExtension(_ extensions: inout Int) throws(Stop) {
        extensions += 1
        if extensions > ChunkedDecoder.extensionBytes { throw .failed(.chunkExtensionTooLong) }
    }

    /// Refuses when the byte at `at` is one too many for the trailer section that began at `start`.
    private func count(_ start: Int) throws(Stop) {
        if at - start >= ChunkedDecoder.trailerBytes { throw .failed(.trailersTooLarge) }
    }

    private mutating func trailer(_ start: Int) throws(Stop) {
        var name = ""
        while true {
            let byte = try peek()
            if byte == UInt8(ascii: ":"), !name.isEmpty { break }
            try count(start)
            guard isToken(byte) else { throw .failed(.invalidTrailer) }
            name.unicodeScalars.append(Unicode.Scalar(byte))
            at += 1
        }
        try count(start)
        if Self.forbidden.contains(name.lowercased()) { throw .failed(.forbiddenTrailer) }
        at += 1
        while try peek() != 13 {
            let byte = try peek()
            try count(start)
            if byte == 10 { throw .failed(.bareLineFeed) }
            if byte < 32 && byte != 9 || byte == 127 { throw .failed(.invalidTrailer) }
            at += 1
        }
        try count(start)
        at += 1
        _ = try peek()
        try count(start)
        try expect(10, or: .bareCarriageReturn)
    }

    static let forbidden: Set<String> = [
        "transfer-encoding", "content-length", "host", "connection", "te", "trailer", "upgrade", "expect",
        "authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "content-type",
        "content-encoding", "content-range", "x-smg-target-worker", "x-smg-routing-key", "x-smg-mcp",
        "x-smg-priority", "x-smg-tenant-id",
    ]

    private func isHexDigit(_ byte: UInt8) -> Bool { "0123456789abcdefABCDEF".utf8.contains(byte) }

    private func isToken(_ byte: UInt8) -> Bool {
        "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8.contains(byte)
    }
}

/// Decodes `bytes` with the decoder under test, cut at `cuts` (ascending).
func chunkOutcome(_ bytes: [UInt8], cuts: [Int] = []) -> ChunkOutcome {
    var decoder = ChunkedDecoder()
    var payload: [UInt8] = []
    var consumed = 0
    var from = 0
    for cut in cuts + [bytes.count] {
        let part = Array(bytes[from..<cut])
        from = cut
        let outcome: ChunkOutcome? = part.withUnsafeBytes { part in
            do throws(HTTPParseError) {
                let result = try decoder.decode(part) { payload += $0 }
                consumed += result.consumed
                return result.finished ? .complete(payload: payload, consumed: consumed) : nil
            } catch {
                return .failed(code: error.code)
            }
        }
        if let outcome { return outcome }
    }
    return .incomplete(payload: payload)
}
