package import SMGBase

/// Writes events into a buffer. Text is split at its line ends into as many `data:` lines as it needs, so no payload
/// can end its event early or start another.
package struct SSEWriter {
    private let buffer: ByteBuffer

    package init(_ buffer: ByteBuffer) { self.buffer = buffer }

    /// An event without a type.
    package func data(_ payload: UnsafeRawBufferPointer) {
        dataLines(payload)
        buffer.append("\n")
    }

    /// An event of type `type`.
    package func event(_ type: StaticString, data payload: UnsafeRawBufferPointer) {
        buffer.append("event: ")
        buffer.append(type)
        buffer.append("\n")
        data(payload)
    }

    /// An event whose type comes from outside: control characters become spaces.
    package func event(type: UnsafeRawBufferPointer, data payload: UnsafeRawBufferPointer) {
        buffer.append("event: ")
        appendOnOneLine(type)
        buffer.append("\n")
        data(payload)
    }

    /// A comment: ignored by readers, keeps the connection alive.
    package func comment(_ text: StaticString) {
        buffer.append(": ")
        appendOnOneLine(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
        buffer.append("\n\n")
    }

    /// The error `json` in the middle of a stream. OpenAI clients look for an `error` member in plain data; Anthropic
    /// clients for the type `error` too (`typed`).
    package func error(json: String, typed: Bool = false) {
        var json = json
        json.withUTF8 { bytes in
            if typed {
                event("error", data: UnsafeRawBufferPointer(bytes))
            } else {
                data(UnsafeRawBufferPointer(bytes))
            }
        }
    }

    /// The end of an OpenAI stream.
    package func done() { buffer.append("data: [DONE]\n\n") }

    private func dataLines(_ payload: UnsafeRawBufferPointer) {
        var ends = SSELineEnds(payload)
        var at = 0
        while true {
            let end = ends.next(from: at)
            buffer.append("data: ")
            buffer.append(UnsafeRawBufferPointer(rebasing: payload[at..<end]))
            buffer.append("\n")
            guard end < payload.count else { return }
            let isPair = payload[end] == 13 && end + 1 < payload.count && payload[end + 1] == 10
            at = end + (isPair ? 2 : 1)
        }
    }

    private func appendOnOneLine(_ text: UnsafeRawBufferPointer) {
        for byte in text { buffer.append(byte < 0x20 || byte == 0x7f ? 0x20 : byte) }
    }
}
