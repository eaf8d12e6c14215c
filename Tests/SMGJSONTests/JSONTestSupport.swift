import SMGBase
import SMGJSON

/// Runs `body` over the bytes of `text`.
func withBytes<R>(_ text: String, _ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try withBytes(Array(text.utf8), body)
}

func withBytes<R>(_ bytes: [UInt8], _ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    // An exact copy on the heap: a read past the end is seen by the address sanitizer.
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    defer { copy.deallocate() }
    copy.copyBytes(from: bytes)
    return try body(UnsafeRawBufferPointer(copy))
}

/// The error of validating `bytes` as a document of any kind; nil when it is valid.
func documentError(_ bytes: [UInt8]) -> JSONError? {
    withBytes(bytes) { bytes in
        do throws(JSONError) {
            _ = try JSONSlice(parsing: bytes)
            return nil
        } catch { return error }
    }
}

/// The error of scanning `bytes` as an object; nil when it is one.
func scanError(_ bytes: [UInt8]) -> JSONError? {
    withBytes(bytes) { bytes in
        do throws(JSONError) {
            try JSONObjectScan().scan(bytes)
            return nil
        } catch { return error }
    }
}

/// What `write` writes.
func written(_ write: (inout JSONWriter) -> Void) -> String {
    let buffer = ByteBuffer(capacity: 16)
    var writer = JSONWriter(buffer)
    write(&writer)
    return buffer.readableString
}

/// A JSON value as a tree, to compare with.
indirect enum Tree: Equatable {
    case null
    case bool(Bool)
    case int(Int)
    case double(Double)
    case string(String)
    case array([Tree])
    case object([Member])

    struct Member: Equatable {
        var key: String
        var value: Tree
    }

    /// Reads a lazy value completely.
    init(_ slice: JSONSlice) {
        switch slice.kind {
        case .null: self = .null
        case .bool: self = .bool(slice.bool!)
        case .number: self = slice.int64.map { .int(Int($0)) } ?? .double(slice.double!)
        case .string: self = .string(slice.string!)
        case .array: self = .array(slice.elements.map { Tree($0) })
        case .object: self = .object(slice.members.map { Member(key: $0.key.string, value: Tree($0.value)) })
        }
    }

    func write(to writer: inout JSONWriter) {
        switch self {
        case .null: writer.null()
        case .bool(let value): writer.bool(value)
        case .int(let value): writer.int(value)
        case .double(let value): writer.double(value)
        case .string(let value): writer.string(value)
        case .array(let elements):
            writer.beginArray()
            for element in elements { element.write(to: &writer) }
            writer.endArray()
        case .object(let members):
            writer.beginObject()
            for member in members {
                writer.key(member.key)
                member.value.write(to: &writer)
            }
            writer.endObject()
        }
    }
}

/// Random JSON, repeatable by its seed.
struct TreeGenerator {
    var random: FastRandom

    mutating func tree(depth: Int) -> Tree {
        switch random.below(depth > 0 ? 8 : 5) {
        case 0: return .null
        case 1: return .bool(random.below(2) == 0)
        case 2: return .int(Int(truncatingIfNeeded: random.next()) >> random.below(64))
        case 3: return .double(double())
        case 4: return .string(string())
        case 5: return .array((0..<random.below(6)).map { _ in tree(depth: depth - 1) })
        default: return object(depth: depth)
        }
    }

    mutating func object(depth: Int) -> Tree {
        .object((0..<random.below(6)).map { _ in Tree.Member(key: string(), value: tree(depth: depth - 1)) })
    }

    private mutating func double() -> Double {
        while true {
            let value = Double(bitPattern: random.next())
            // A value without fraction may be spelled so; the reader then calls it an integer only without a point.
            if value.isFinite { return value }
        }
    }

    mutating func string() -> String {
        var text = ""
        for _ in 0..<random.below(40) {
            switch random.below(12) {
            case 0: text.unicodeScalars.append(Unicode.Scalar(UInt8(random.below(32))))
            case 1: text += ["\"", "\\", "/", "\u{7f}", "\u{2028}"][random.below(5)]
            case 2: text.unicodeScalars.append(Unicode.Scalar(UInt32(0x80 + random.below(0x700)))!)
            case 3: text.unicodeScalars.append(Unicode.Scalar(UInt32(0x10000 + random.below(0x100000)))!)
            case 4: text.unicodeScalars.append(Unicode.Scalar(UInt32(0xe000 + random.below(0x2000)))!)
            default: text.unicodeScalars.append(Unicode.Scalar(UInt8(0x61 + random.below(26))))
            }
        }
        return text
    }
}
