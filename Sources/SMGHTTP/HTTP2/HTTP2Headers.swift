internal import SMGBase

/// One header block: pseudo-header fields and ordinary fields in a flat run of bytes, with offsets.
///
/// Made to be reused: `clear` keeps the storage. The same type carries what was received and what is to be sent, so a
/// block can be passed on as it came. Views into it are valid until the next change of the block; blocks handed to an
/// `HTTP2Handler` are valid during that call only.
public final class HTTP2Headers {
    /// Where one ordinary field lies: the name at `start`, the value right behind it. Offsets fit because both the receiver and the sender bound the block's bytes.
    struct Field {
        var start: Int32
        var nameCount: Int32
        var valueCount: Int32
        var isSensitive: Bool
    }

    /// The pseudo-header fields of requests and responses.
    enum Pseudo {
        case method, scheme, authority, path, status

        /// Bytes of the name, colon included.
        var nameCount: Int {
            switch self {
            case .method, .scheme, .status: 7
            case .authority: 10
            case .path: 5
            }
        }
    }

    let bytes: ByteBuffer
    private(set) var fields: [Field] = []
    /// Ranges of the pseudo-header values, in the order of `Pseudo`; empty if absent.
    private(set) var pseudo: (Range<Int>, Range<Int>, Range<Int>, Range<Int>, Range<Int>)

    /// Size of the list as RFC 9113 §6.5.2 counts it: names, values and 32 bytes a field.
    package private(set) var listBytes = 0

    package init(capacity: Int = 2048) {
        bytes = ByteBuffer(capacity: capacity)
        pseudo = (0..<0, 0..<0, 0..<0, 0..<0, 0..<0)
        fields.reserveCapacity(32)
    }

    /// Empties the block and keeps its storage.
    package func clear() {
        bytes.clear()
        fields.removeAll(keepingCapacity: true)
        pseudo = (0..<0, 0..<0, 0..<0, 0..<0, 0..<0)
        listBytes = 0
    }
}

// MARK: - Reading

extension HTTP2Headers {
    /// Ordinary fields, in the order they came or were appended.
    package var count: Int { fields.count }

    /// Name of field `index`, in lower case.
    package func name(at index: Int) -> UnsafeRawBufferPointer {
        let field = fields[index]
        return bytes.slice(Int(field.start)..<Int(field.start &+ field.nameCount))
    }

    /// Value of field `index`.
    package func value(at index: Int) -> UnsafeRawBufferPointer {
        let field = fields[index]
        let start = Int(field.start &+ field.nameCount)
        return bytes.slice(start..<start &+ Int(field.valueCount))
    }

    /// Value of the first field called `name` (lower case).
    package func value(of name: StaticString) -> UnsafeRawBufferPointer? {
        for index in fields.indices where self.name(at: index).equals(name) { return value(at: index) }
        return nil
    }

    /// `:method`, empty if absent.
    package var method: UnsafeRawBufferPointer { bytes.slice(pseudo.0) }
    /// `:scheme`, empty if absent.
    package var scheme: UnsafeRawBufferPointer { bytes.slice(pseudo.1) }
    /// `:authority`, empty if absent.
    package var authority: UnsafeRawBufferPointer { bytes.slice(pseudo.2) }
    /// `:path`, empty if absent.
    package var path: UnsafeRawBufferPointer { bytes.slice(pseudo.3) }

    /// Whether there is a `:status`: the block is the head of a response.
    package var hasStatus: Bool { pseudo.4.count > 0 }

    /// `:status` as a number; 0 if absent or not three digits.
    package var status: Int {
        let digits = bytes.slice(pseudo.4)
        guard digits.count == 3 else { return 0 }
        var value = 0
        for digit in digits {
            guard ASCII.isDigit(digit) else { return 0 }
            value = value * 10 + Int(digit) - 48
        }
        return value
    }
}

// MARK: - Writing

extension HTTP2Headers {
    /// Appends a field; the name is turned into lower case. A `sensitive` value is never put into an HPACK table, here
    /// or by any hop after us.
    package func append(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, sensitive: Bool = false) {
        let nameStart = bytes.writerIndex
        bytes.reserve(name.count + value.count)
        let target = bytes.writable
        for index in 0..<name.count { target[index] = ASCII.lowercased(name[index]) }
        bytes.commit(name.count)
        bytes.append(value)
        addField(nameStart, name.count, value.count, sensitive)
    }

    /// Appends a field with a fixed, lower-case name.
    package func append(_ name: StaticString, _ value: UnsafeRawBufferPointer, sensitive: Bool = false) {
        append(Self.view(name), value, sensitive: sensitive)
    }

    /// Appends a field with a fixed, lower-case name and a fixed value.
    package func append(_ name: StaticString, _ value: StaticString) {
        append(Self.view(name), Self.view(value))
    }

    /// Appends a field with a fixed, lower-case name and a number.
    package func append(_ name: StaticString, decimal value: Int) {
        let start = bytes.writerIndex
        bytes.append(name)
        bytes.append(decimal: value)
        let nameCount = name.utf8CodeUnitCount
        addField(start, nameCount, bytes.writerIndex - start - nameCount, false)
    }

    /// Sets the pseudo-header fields of a request.
    package func setRequest(
        method: UnsafeRawBufferPointer, scheme: UnsafeRawBufferPointer, authority: UnsafeRawBufferPointer,
        path: UnsafeRawBufferPointer
    ) {
        set(.method, method)
        set(.scheme, scheme)
        set(.authority, authority)
        set(.path, path)
    }

    /// A block with the same fields and its own storage.
    func copy() -> HTTP2Headers {
        let other = HTTP2Headers(capacity: bytes.readableCount)
        other.bytes.append(bytes.readable)
        other.fields = fields
        other.pseudo = pseudo
        other.listBytes = listBytes
        return other
    }

    /// Notes a field whose name starts at `start`, with the value right behind it.
    private func addField(_ start: Int, _ nameCount: Int, _ valueCount: Int, _ sensitive: Bool) {
        listBytes += nameCount + valueCount + 32
        fields.append(
            Field(
                start: Int32(truncatingIfNeeded: start), nameCount: Int32(truncatingIfNeeded: nameCount),
                valueCount: Int32(truncatingIfNeeded: valueCount),
                isSensitive: sensitive))
    }

    func set(_ which: Pseudo, _ value: UnsafeRawBufferPointer) {
        let start = bytes.writerIndex
        bytes.append(value)
        listBytes += which.nameCount + value.count + 32
        let range = start..<bytes.writerIndex
        switch which {
        case .method: pseudo.0 = range
        case .scheme: pseudo.1 = range
        case .authority: pseudo.2 = range
        case .path: pseudo.3 = range
        case .status: pseudo.4 = range
        }
    }

    /// Takes a field as the decoder delivers it: pseudo-header fields go to their places. The library has already
    /// refused unknown and repeated ones.
    func collect(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer, sensitive: Bool) {
        guard name.first == UInt8(ascii: ":") else { return append(name, value, sensitive: sensitive) }
        if name.equals(":method") {
            set(.method, value)
        } else if name.equals(":path") {
            set(.path, value)
        } else if name.equals(":authority") {
            set(.authority, value)
        } else if name.equals(":scheme") {
            set(.scheme, value)
        } else if name.equals(":status") {
            set(.status, value)
        }
    }

    static func view(_ text: StaticString) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    }
}
