internal import SMGBase

/// Reads the arguments of one call, a JSON value that comes in pieces, into the arguments of that call.
///
/// An object passes as it is. A string that holds an object, as some models write it, is unwrapped. `null` is an empty
/// object. Anything else passes too, but is not complete.
struct ArgumentsReader: Sendable {
    private enum Form: Sendable { case unknown, object, text, null, other }

    private let call: Int
    /// Whether what is no object is wrapped as `{"value":…}`.
    private let wraps: Bool
    private var form = Form.unknown
    private var stream = JSONStream()
    /// The text inside the string, and what it holds.
    private var unwrapper = JSONUnwrapper()
    private var inner = JSONStream()

    init(call: Int, wraps: Bool = false) {
        self.call = call
        self.wraps = wraps
    }

    /// What is known of the value itself, whatever a string holds.
    var status: JSONStream.Status { stream.status }

    /// Whether the value has ended and is a valid object.
    var isComplete: Bool {
        guard stream.status == .complete else { return false }
        return switch form {
        case .object, .null: true
        case .text: inner.status == .complete && inner.isObject
        case .other: wraps
        case .unknown: false
        }
    }

    /// Reads on at `start`; returns what `JSONStream.consume` does.
    mutating func consume(_ bytes: UnsafeRawBufferPointer, from start: Int, to output: ParserOutput) -> Int {
        var at = start
        if form == .unknown {
            while at < bytes.count, JSONStream.isWhitespace(bytes[at]) { at += 1 }
            guard at < bytes.count else { return at }
            begin(bytes[at], output)
        }
        switch form {
        case .object: return stream.consume(bytes, from: at, to: output, call: call)
        case .text: return text(bytes, from: at, output)
        case .null: return null(bytes, from: at, output)
        default:
            let end = stream.consume(bytes, from: at, to: output, call: call)
            if stream.status == .complete, wraps { output.arguments(call, "}") }
            return end
        }
    }

    /// Nothing more comes: what was held is passed on.
    mutating func finish(_ output: ParserOutput) {
        guard stream.status == .open else { return }
        if form == .null { passNull(output) }
        if form == .other, stream.finish(), wraps { output.arguments(call, "}") }
    }

    private mutating func begin(_ byte: UInt8, _ output: ParserOutput) {
        switch byte {
        case UInt8(ascii: "{"): form = .object
        case UInt8(ascii: "n"): form = .null
        case UInt8(ascii: "\"") where !wraps: form = .text
        default:
            form = .other
            // A first byte that begins no value is not worth an object around it.
            let begins = byte == UInt8(ascii: "[") || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "-")
            let isScalar = ASCII.isDigit(byte) || byte == UInt8(ascii: "t") || byte == UInt8(ascii: "f")
            if wraps, begins || isScalar { output.arguments(call, "{\"value\":") }
        }
    }

    private mutating func null(_ bytes: UnsafeRawBufferPointer, from start: Int, _ output: ParserOutput) -> Int {
        let end = stream.consume(bytes, from: start)
        switch stream.status {
        case .open: break
        case .complete: output.arguments(call, "{}")
        case .invalid: passNull(output)
        }
        return end
    }

    /// What has come of `null`, which it was not.
    private func passNull(_ output: ParserOutput) {
        output.arguments(
            call, UnsafeRawBufferPointer(start: stream.literal.utf8Start, count: min(stream.position, 4)))
    }

    private mutating func text(_ bytes: UnsafeRawBufferPointer, from start: Int, _ output: ParserOutput) -> Int {
        let isOpening = !stream.hasBegun
        let end = stream.consume(bytes, from: start)
        let from = isOpening ? start + 1 : start
        let to = stream.status == .complete ? end - 1 : end
        // Local copies: the closures may not touch `self`.
        var inner = inner
        let call = call
        let pass = { (piece: UnsafeRawBufferPointer) in
            var used = inner.consume(piece, to: output, call: call)
            if inner.status == .complete {
                // Behind the object: whitespace is nothing, anything else spoils it.
                while used < piece.count, JSONStream.isWhitespace(piece[used]) { used += 1 }
                if used < piece.count { inner.invalidate() }
            }
            if used < piece.count { output.arguments(call, piece.slice(used..<piece.count)) }
        }
        if from < to { unwrapper.decode(bytes.slice(from..<to), pass) }
        if stream.status == .complete { unwrapper.finish(pass) }
        self.inner = inner
        return end
    }
}
