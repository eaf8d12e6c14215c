internal import SMGBase

/// Reads the fields of one protobuf message in order. Only what a SentencePiece file needs: no groups, no packing.
///
/// Works on borrowed bytes; messages inside are readers of their own over a part of them, so nothing is copied and
/// nesting is as deep as the caller's code.
struct ProtoReader {
    /// How the value of a field is written.
    enum Wire {
        /// A number of one to ten bytes.
        case number(UInt64)
        /// Eight bytes.
        case fixed64(UInt64)
        /// Bytes with their length before them: text, bytes or a message.
        case bytes(UnsafeRawBufferPointer)
        /// Four bytes.
        case fixed32(UInt32)

        /// The number as proto2 reads a `bool`.
        var isTrue: Bool? { if case .number(let value) = self { value != 0 } else { nil } }
        /// The bytes of a length-delimited field.
        var payload: UnsafeRawBufferPointer? { if case .bytes(let value) = self { value } else { nil } }
        /// Four bytes as a `float`.
        var float: Float? { if case .fixed32(let value) = self { Float(bitPattern: value) } else { nil } }
        /// The number as it is.
        var unsigned: UInt64? { if case .number(let value) = self { value } else { nil } }
    }

    private let bytes: UnsafeRawBufferPointer
    private var at = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// The next field's number and value; nil at the end. Fails with `malformed` for bytes that are no message.
    mutating func next() throws(TokenizerError) -> (field: UInt64, value: Wire)? {
        if at == bytes.count { return nil }
        let key = try number()
        let field = key >> 3
        guard field > 0 else { throw Self.malformed("a field with number 0") }
        switch key & 7 {
        case 0: return (field, .number(try number()))
        case 1:
            let part = try take(8)
            return (field, .fixed64(UInt64(littleEndian: part.loadUnaligned(as: UInt64.self))))
        case 2:
            let count = try number()
            guard count <= UInt64(bytes.count - at) else { throw Self.malformed("a field longer than the file") }
            return (field, .bytes(try take(Int(count))))
        case 5:
            let part = try take(4)
            return (field, .fixed32(UInt32(littleEndian: part.loadUnaligned(as: UInt32.self))))
        default: throw Self.malformed("a field of an unknown wire type")
        }
    }

    private mutating func number() throws(TokenizerError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while at < bytes.count, shift < 70 {
            let byte = bytes[at]
            at += 1
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw Self.malformed("a number that does not end")
    }

    private mutating func take(_ count: Int) throws(TokenizerError) -> UnsafeRawBufferPointer {
        guard count <= bytes.count - at else { throw Self.malformed("it ends inside a field") }
        defer { at += count }
        return bytes.slice(at..<at + count)
    }

    private static func malformed(_ what: String) -> TokenizerError {
        TokenizerError(.malformed, "not a SentencePiece model: \(what)")
    }
}
