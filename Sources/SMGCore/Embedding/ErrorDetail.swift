internal import SMGBase
internal import SMGJSON

/// The document that says of a failed call what a program may want to know.
package enum ErrorDetail {
    /// The value of one member.
    package enum Value: Sendable {
        case text(String)
        case number(Int)
    }

    /// One JSON object with `members` in their order.
    package static func document(_ members: [(key: String, value: Value)]) -> String {
        var writer = JSONWriter(ByteBuffer(capacity: 256))
        writer.beginObject()
        for (key, value) in members {
            writer.key(key)
            switch value {
            case .text(let text): writer.string(text)
            case .number(let number): writer.int(number)
            }
        }
        writer.endObject()
        return writer.buffer.readableString
    }
}
