package import SMGBase

/// Makes valid JSON of a document that was cut off.
package enum PartialJSON {
    /// Appends to `buffer` the document that `bytes` begins, completed, without whitespace between its tokens, and
    /// returns how many bytes were used: fewer than all when something follows the document or cannot be part of one.
    /// One pass to find where it ends, one to copy.
    ///
    /// Open containers are closed; a comma without a successor goes. A number is cut to its longest valid beginning, a
    /// lone `-` is 0; a literal that has begun is whole. A key without a value gets null. With `partialStrings` a
    /// string that was cut is kept as far as it came, without half an escape; otherwise it is left out, with its key.
    /// Where no value begins, `null` is appended.
    package static func complete(
        _ bytes: UnsafeRawBufferPointer, partialStrings: Bool = true, to buffer: ByteBuffer
    ) -> Int {
        var scan = JSONStream()
        let end = scan.consume(bytes)
        if scan.finish() {
            copy(bytes.slice(0..<end), to: buffer)
            return end
        }
        guard scan.hasBegun else {
            buffer.append("null")
            return end
        }
        let (cut, tail) = repair(scan, at: end, partialStrings: partialStrings)
        copy(bytes.slice(0..<cut), to: buffer)
        buffer.append(tail)
        if let rest = rest(scan) { buffer.append(rest) }
        for level in (0..<scan.containers.depth).reversed() {
            buffer.append(scan.containers.isObject(level) ? UInt8(ascii: "}") : UInt8(ascii: "]"))
        }
        return end
    }

    /// Where to cut the document that ends at `end`, and what to put there before the containers are closed.
    private static func repair(_ scan: JSONStream, at end: Int, partialStrings: Bool) -> (cut: Int, tail: StaticString)
    {
        let withoutValue: (Int, StaticString) = scan.containers.depth == 0 ? (0, "null") : (scan.settled, "")
        switch scan.state {
        case .string, .escape, .unicode:
            guard partialStrings, !scan.isKey else { return withoutValue }
            let escape = scan.state == .escape ? 1 : scan.state == .unicode ? scan.position + 2 : 0
            return (end - escape, "\"")
        case .colon: return partialStrings ? (end, ":null") : withoutValue
        case .value where scan.containers.inObject && partialStrings: return (end, "null")
        case .minus: return (end - 1, "0")
        case .dot, .exponentMark: return (end - 1, "")
        case .exponentSign: return (end - 2, "")
        case .zero, .integer, .fraction, .exponent, .literal: return (end, "")
        default: return withoutValue
        }
    }

    /// What is missing of the literal that was being read.
    private static func rest(_ scan: JSONStream) -> UnsafeRawBufferPointer? {
        guard scan.state == .literal else { return nil }
        let text = UnsafeRawBufferPointer(start: scan.literal.utf8Start, count: scan.literal.utf8CodeUnitCount)
        return text.slice(scan.position..<text.count)
    }

    private static func copy(_ bytes: UnsafeRawBufferPointer, to buffer: ByteBuffer) {
        let output = ParserOutput(capacity: bytes.count)
        var stream = JSONStream()
        _ = stream.consume(bytes, to: output)
        for record in output.records { buffer.append(output.text(record)) }
    }
}
