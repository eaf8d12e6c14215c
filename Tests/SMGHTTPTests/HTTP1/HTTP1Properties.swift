import SMGBase
import SMGHTTP

/// What must hold for any bytes, for the fuzzer and for the replay of its corpus alike. The first byte chooses what the
/// rest is read as (`Q` request, `R` answer, `H` answer to HEAD, `C` chunked body), the second seeds the splits.
/// Returns what was violated, or nil.
func violatedHTTP1Property(_ input: [UInt8]) -> String? {
    guard input.count >= 2 else { return nil }
    let bytes = Array(input.dropFirst(2))
    var random = FastRandom(seed: UInt64(input[1]))
    switch input[0] {
    case UInt8(ascii: "R"): return violatedResponseProperty(bytes, .get, &random)
    case UInt8(ascii: "H"): return violatedResponseProperty(bytes, .head, &random)
    case UInt8(ascii: "C"): return violatedChunkProperty(bytes, &random)
    default: return violatedRequestProperty(bytes, &random)
    }
}

/// Bounds small enough for a fuzzer to reach them.
private let fuzzLimits = HeadLimits(headBytes: 2048, fields: 24, targetBytes: 256)

/// Byte by byte for short input, and a few random ways to cut.
private func splits(_ count: Int, _ random: inout FastRandom) -> [[Int]] {
    var all = (0..<3).map { _ in randomCuts(count, &random) }
    if count <= 512 { all.append(Array(0...count)) }
    return all
}

private func violatedRequestProperty(_ bytes: [UInt8], _ random: inout FastRandom) -> String? {
    let whole = requestOutcome(bytes, limits: fuzzLimits)
    for cuts in splits(bytes.count, &random) where requestOutcome(bytes, cuts: cuts, limits: fuzzLimits) != whole {
        return "request head depends on splits \(cuts)"
    }
    var parser = RequestHeadParser(limits: fuzzLimits)
    return bytes.withUnsafeBytes { raw in
        guard case .request(let head)? = try? parser.parse(raw) else { return nil }
        if head.length > raw.count { return "head longer than its bytes" }
        if let violation = violatedFieldProperty(head.headers, raw, upTo: head.length) { return violation }
        let forwarded = rewritten(head, raw)
        let again = requestOutcome(forwarded)
        // Written out again by our rules, the same fields mean the same message.
        if again.fields != whole.fields { return "fields changed when written again: \(again)" }
        return violatedBodyProperty(Array(raw[head.length...]), head.framing, &random)
    }
}

/// `head` written out again, every field included.
private func rewritten(_ head: RequestHead, _ bytes: UnsafeRawBufferPointer) -> [UInt8] {
    let buffer = ByteBuffer(capacity: 256)
    let writer = HeadWriter(buffer)
    writer.requestLine(method: bytes.slice(head.methodText), target: bytes.slice(head.target))
    let forwarding = HeaderForwarding(
        head.headers, in: bytes, nominatesFields: head.nominatesFields, .upstream)
    for index in 0..<head.headers.count {
        _ = forwarding.forwards(index)
        writer.field(head.headers.name(at: index, in: bytes), head.headers.value(at: index, in: bytes))
    }
    writer.end()
    let text = Array(buffer.readable)
    guard head.version == .http10 else { return text }
    // The writer always says 1.1; the rules of the version read are what is compared.
    let lineEnd = head.methodText.count + head.target.count + 10
    return Array(text[..<(lineEnd - 1)]) + [UInt8(ascii: "0")] + Array(text[lineEnd...])
}

private func violatedResponseProperty(
    _ bytes: [UInt8], _ method: HTTPMethod, _ random: inout FastRandom
) -> String? {
    let whole = responseOutcome(bytes, to: method, limits: fuzzLimits)
    for cuts in splits(bytes.count, &random)
    where responseOutcome(bytes, cuts: cuts, to: method, limits: fuzzLimits) != whole {
        return "answer head depends on splits \(cuts)"
    }
    var parser = ResponseHeadParser(limits: fuzzLimits)
    return bytes.withUnsafeBytes { raw in
        guard let head = try? parser.parse(raw, requestMethod: method) else { return nil }
        if head.length > raw.count { return "head longer than its bytes" }
        if head.keepAlive && head.framing == .untilClose { return "kept alive without an end" }
        if let violation = violatedFieldProperty(head.headers, raw, upTo: head.length) { return violation }
        return violatedBodyProperty(Array(raw[head.length...]), head.framing, &random)
    }
}

/// Names are tokens, values hold no control characters and no blanks around them, all inside the head, in order.
private func violatedFieldProperty(
    _ headers: HeaderTable, _ bytes: UnsafeRawBufferPointer, upTo end: Int
) -> String? {
    var previous = 0
    for index in 0..<headers.count {
        let field = headers[index]
        if field.name.lowerBound < previous || field.value.lowerBound <= field.name.upperBound - 1 {
            return "fields out of order"
        }
        if field.value.upperBound > end - 2 { return "field outside the head" }
        previous = field.value.upperBound
        let name = bytes.slice(field.name)
        if name.isEmpty || name.contains(where: { $0 <= 0x20 || $0 >= 0x7f || $0 == UInt8(ascii: ":") }) {
            return "invalid name let through"
        }
        let value = bytes.slice(field.value)
        if value.contains(where: { ($0 < 0x20 && $0 != 9) || $0 == 0x7f }) { return "control character let through" }
        if let first = value.first, let last = value.last, [first, last].contains(where: { $0 == 0x20 || $0 == 9 }) {
            return "blanks around a value"
        }
    }
    return nil
}

private func violatedChunkProperty(_ bytes: [UInt8], _ random: inout FastRandom) -> String? {
    let expected = NaiveChunks.decode(bytes)
    if chunkOutcome(bytes) != expected { return "chunks differ from the grammar: \(expected)" }
    for cuts in splits(bytes.count, &random) where chunkOutcome(bytes, cuts: cuts) != expected {
        return "chunks depend on splits \(cuts)"
    }
    return nil
}

/// A body gives the same payload however it is cut, and takes no byte of the next message.
private func violatedBodyProperty(
    _ bytes: [UInt8], _ framing: MessageFraming, _ random: inout FastRandom
) -> String? {
    let whole = bodyOutcome(bytes, [], framing)
    let cuts = randomCuts(bytes.count, &random)
    if bodyOutcome(bytes, cuts, framing) != whole { return "body depends on splits \(cuts)" }
    return nil
}

private func bodyOutcome(_ bytes: [UInt8], _ cuts: [Int], _ framing: MessageFraming) -> String {
    var decoder = BodyDecoder(framing)
    var payload: [UInt8] = []
    var consumed = 0
    var from = 0
    for cut in cuts + [bytes.count] {
        let part = Array(bytes[from..<cut])
        from = cut
        let code: String? = part.withUnsafeBytes { part in
            do throws(HTTPParseError) {
                consumed += try decoder.decode(part) { payload += $0 }.consumed
                return nil
            } catch {
                return error.code
            }
        }
        if let code { return code }
    }
    let isFinished = decoder.isFinished
    return "\(payload) \(consumed) \(isFinished) \(decoder.endOfInput())"
}
