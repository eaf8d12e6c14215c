package import SMGBase

/// Writes HTTP/1.1 heads and chunk framing into a buffer.
///
/// Names and values are trusted when they come as `StaticString`, as a number, or as bytes a parser of ours accepted;
/// text from anywhere else goes through `field(_:text:)`, which cannot be made to write a second line.
package struct HeadWriter {
    private let buffer: ByteBuffer

    package init(_ buffer: ByteBuffer) { self.buffer = buffer }

    // MARK: - Start lines

    /// `HTTP/1.1 <status> <reason>`. `status` must have three digits.
    package func statusLine(_ status: Int) {
        if let line = HTTPStatus.line(status) {
            buffer.append(line)
            return
        }
        buffer.append("HTTP/1.1 ")
        buffer.append(decimal: min(max(status, 100), 999))
        buffer.append(" ")
        buffer.append(HTTPStatus.reason(status))
        buffer.append("\r\n")
    }

    /// `<method> <target> HTTP/1.1`, both as a parser of ours accepted them or as constants.
    package func requestLine(method: UnsafeRawBufferPointer, target: UnsafeRawBufferPointer) {
        buffer.append(method)
        buffer.append(" ")
        buffer.append(target)
        buffer.append(" HTTP/1.1\r\n")
    }

    /// `<method> <target> HTTP/1.1` for a known method.
    package func requestLine(method: HTTPMethod, target: StaticString) {
        buffer.append(method.text)
        buffer.append(" ")
        buffer.append(target)
        buffer.append(" HTTP/1.1\r\n")
    }

    // MARK: - Fields

    /// A field whose bytes were accepted by a parser of ours.
    package func field(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        line(name.baseAddress, name.count, value.baseAddress, value.count)
    }

    /// A field with a constant name and a value accepted by a parser of ours.
    package func field(_ name: StaticString, _ value: UnsafeRawBufferPointer) {
        line(name.utf8Start, name.utf8CodeUnitCount, value.baseAddress, value.count)
    }

    package func field(_ name: StaticString, _ value: StaticString) {
        line(name.utf8Start, name.utf8CodeUnitCount, value.utf8Start, value.utf8CodeUnitCount)
    }

    /// A whole line with one reservation: heads are made of dozens of short pieces.
    @inline(__always)
    private func line(
        _ name: UnsafeRawPointer?, _ nameCount: Int, _ value: UnsafeRawPointer?, _ valueCount: Int
    ) {
        let count = nameCount &+ valueCount &+ 4
        buffer.reserve(count)
        let start = buffer.base + buffer.writerIndex
        if let name { start.copyMemory(from: name, byteCount: nameCount) }
        let separator = start + nameCount
        separator.storeBytes(of: UInt8(ascii: ":"), as: UInt8.self)
        separator.storeBytes(of: UInt8(ascii: " "), toByteOffset: 1, as: UInt8.self)
        if let value { (separator + 2).copyMemory(from: value, byteCount: valueCount) }
        let end = separator + (valueCount &+ 2)
        end.storeBytes(of: 13, as: UInt8.self)
        end.storeBytes(of: 10, toByteOffset: 1, as: UInt8.self)
        buffer.commit(count)
    }

    package func field(_ name: StaticString, _ value: Int) {
        buffer.append(name)
        buffer.append(": ")
        buffer.append(decimal: value)
        buffer.append("\r\n")
    }

    /// A field with any text for value: control characters become spaces.
    package func field(_ name: StaticString, text: String) {
        buffer.append(name)
        buffer.append(": ")
        for byte in text.utf8 { buffer.append(byte < 0x20 || byte == 0x7f ? 0x20 : byte) }
        buffer.append("\r\n")
    }

    /// The Date field for `secondsSinceEpoch`.
    package func date(_ secondsSinceEpoch: Int64, _ formatter: inout HTTPDate) {
        buffer.append("date: ")
        formatter.append(secondsSinceEpoch, to: buffer)
        buffer.append("\r\n")
    }

    /// The field that announces a body with `framing`; nothing for `none` (a GET has no length) and `untilClose`.
    package func framing(_ framing: MessageFraming) {
        switch framing {
        case .none, .untilClose: break
        case .contentLength(let count): field("content-length", count)
        case .chunked: buffer.append("transfer-encoding: chunked\r\n")
        }
    }

    /// The empty line that ends the head.
    package func end() { buffer.append("\r\n") }

    // MARK: - Chunks

    /// The line before a chunk of `count` bytes. `count` must not be 0: that would end the body.
    package func chunkHeader(_ count: Int) {
        assert(count > 0)
        buffer.append(hex: count)
        buffer.append("\r\n")
    }

    /// What follows every chunk's bytes.
    package func chunkEnd() { buffer.append("\r\n") }

    /// `payload` as one chunk; nothing when it is empty.
    package func chunk(_ payload: UnsafeRawBufferPointer) {
        guard payload.count > 0 else { return }
        buffer.reserve(payload.count + 20)
        chunkHeader(payload.count)
        buffer.append(payload)
        chunkEnd()
    }

    /// The end of a chunked body without trailers.
    package func lastChunk() { buffer.append("0\r\n\r\n") }
}
