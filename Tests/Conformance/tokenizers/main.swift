// Tokenizes what a driver sends over standard input, for comparisons with other tokenizers in bulk
// (scripts/conformance-tokenizers).
//
// A request is one byte for the operation, a little-endian UInt32 for the length of its payload, and the payload. A reply
// is 0 (done) or 1 (failed, the payload is the error), the length, and the payload.
//
//   L path           load
//   J bytes          load from memory
//   E flags rows     encode texts to ids; flag 1: add special tokens
//   C flags rows     count instead
//   D flags rows     decode ids to texts; flag 1: skip special tokens
//   S flags rows     the same, id by id
//   I                kind, vocabulary size, id limit, special tokens
//
// Rows are a length (UInt32, bytes or ids) and that many bytes or UInt32s each. A row that fails has length UInt32.max
// and no content.

internal import CLinux
internal import SMGBase
internal import SMGTokenizer

struct Failure: Error {
    let message: String
}

func readExactly(_ count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    var at = 0
    while at < count {
        let got = bytes.withUnsafeMutableBytes { read(0, $0.baseAddress! + at, count - at) }
        guard got > 0 else { return nil }
        at += got
    }
    return bytes
}

func writeAll(_ bytes: UnsafeRawBufferPointer) {
    var at = 0
    while at < bytes.count {
        let put = write(1, bytes.baseAddress! + at, bytes.count - at)
        guard put > 0 else { exit(1) }
        at += put
    }
}

func append(_ value: UInt32, to buffer: ByteBuffer) {
    withUnsafeBytes(of: value.littleEndian) { buffer.append($0) }
}

/// Calls `body` with every row of `payload`, whose elements have `width` bytes.
func forEachRow(_ payload: UnsafeRawBufferPointer, width: Int, _ body: (UnsafeRawBufferPointer) -> Void) {
    var at = 0
    while at + 4 <= payload.count {
        let count = Int(payload.loadUnaligned(fromByteOffset: at, as: UInt32.self)) * width
        at += 4
        body(UnsafeRawBufferPointer(rebasing: payload[at..<min(at + count, payload.count)]))
        at += count
    }
}

func encode(_ tokenizer: Tokenizer, _ payload: UnsafeRawBufferPointer, counts: Bool, into reply: ByteBuffer) {
    let special = payload[0] & 1 == 1
    let ids = TokenBuffer()
    forEachRow(UnsafeRawBufferPointer(rebasing: payload[1...]), width: 1) { text in
        ids.removeAll()
        do {
            if counts {
                append(UInt32(try tokenizer.countTokens(text, addSpecialTokens: special)), to: reply)
                return
            }
            try tokenizer.encode(text, addSpecialTokens: special, into: ids)
            append(UInt32(ids.count), to: reply)
            reply.append(UnsafeRawBufferPointer(ids.ids))
        } catch {
            append(.max, to: reply)
        }
    }
}

func decode(_ tokenizer: Tokenizer, _ payload: UnsafeRawBufferPointer, streams: Bool, into reply: ByteBuffer) {
    let skips = payload[0] & 1 == 1
    let text = ByteBuffer(capacity: 1024)
    forEachRow(UnsafeRawBufferPointer(rebasing: payload[1...]), width: 4) { row in
        let ids = (0..<row.count / 4).map { row.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self) }
        text.clear()
        do {
            if streams {
                var stream = TokenDecoder.Stream(skipSpecialTokens: skips)
                for id in ids {
                    let start = text.writerIndex
                    try tokenizer.decoder.step(id, &stream, into: text)
                    // What is shown to users is whole characters at every moment.
                    let part = text.slice(start..<text.writerIndex)
                    guard String(validating: part, as: UTF8.self) != nil else { throw Failure(message: "half") }
                }
                try tokenizer.decoder.finish(&stream, into: text)
            } else {
                try ids.withUnsafeBufferPointer {
                    try tokenizer.decode($0, skipSpecialTokens: skips, into: text)
                }
            }
            append(UInt32(text.readableCount), to: reply)
            reply.append(text.readable)
        } catch {
            append(.max, to: reply)
        }
    }
}

func describe(_ tokenizer: Tokenizer) -> String {
    let special = tokenizer.specialTokens
    return [
        tokenizer.kind.rawValue, "\(tokenizer.vocabularySize)", "\(tokenizer.idLimit)", special.bos?.text ?? "-",
        special.eos?.text ?? "-", "\(special.additional.count)",
    ].joined(separator: " ")
}

var tokenizer: Tokenizer?
while let head = readExactly(5),
    let payload = readExactly(
        Int(head[1]) | Int(head[2]) << 8 | Int(head[3]) << 16 | Int(head[4]) << 24)
{
    let reply = ByteBuffer(capacity: 1 << 16)
    var failed: UInt8 = 0
    do {
        switch head[0] {
        case UInt8(ascii: "L"): tokenizer = try Tokenizer.load(path: String(decoding: payload, as: UTF8.self))
        case UInt8(ascii: "J"):
            tokenizer = try payload.withUnsafeBytes { bytes throws(TokenizerError) in try Tokenizer.load(bytes: bytes) }
        default:
            guard let tokenizer else { throw Failure(message: "nothing is loaded") }
            payload.withUnsafeBytes { payload in
                switch head[0] {
                case UInt8(ascii: "E"): encode(tokenizer, payload, counts: false, into: reply)
                case UInt8(ascii: "C"): encode(tokenizer, payload, counts: true, into: reply)
                case UInt8(ascii: "D"): decode(tokenizer, payload, streams: false, into: reply)
                case UInt8(ascii: "S"): decode(tokenizer, payload, streams: true, into: reply)
                case UInt8(ascii: "I"): reply.append(string: describe(tokenizer))
                default: break
                }
            }
        }
    } catch let error as TokenizerError {
        failed = 1
        reply.append(string: "\(error.code.rawValue): \(error.message)")
    } catch {
        failed = 1
        reply.append(string: "\(error)")
    }
    let start = ByteBuffer(capacity: 8)
    start.append(failed)
    append(UInt32(reply.readableCount), to: start)
    writeAll(start.readable)
    writeAll(reply.readable)
}
