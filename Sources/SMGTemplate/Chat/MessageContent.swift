package import SMGBase
package import SMGJSON

/// Content of messages for templates that want it as one string.
package enum MessageContent {
    /// Appends the text of `content`: a string as it is, the text parts of an array with newlines between them, nothing
    /// for anything else. The text is appended decoded, as UTF-8.
    package static func appendText(of content: JSONSlice, to out: ByteBuffer) {
        if let text = content.text {
            text.append(to: out)
            return
        }
        var isFirst = true
        for part in content.elements {
            guard let text = textOfPart(part) else { continue }
            if !isFirst { out.append(UInt8(ascii: "\n")) }
            isFirst = false
            text.append(to: out)
        }
    }

    /// The text of a part of the type `text`, or of one without a type.
    private static func textOfPart(_ part: JSONSlice) -> JSONString? {
        guard let text = part["text"]?.text else { return nil }
        guard let type = part["type"] else { return text }
        return type.isEqual(to: "text") ? text : nil
    }

    /// Writes `messages` with every content that is an array made into one string; all else goes through as it is.
    package static func writeWithTextContent(_ messages: JSONSlice, to writer: inout JSONWriter) {
        writer.beginArray()
        for message in messages.elements {
            guard message.kind == .object else {
                writer.raw(message.bytes)
                continue
            }
            writer.beginObject()
            for (key, value) in message.members {
                writer.key(key.string)
                if value.kind == .array, key.isEqual(to: "content") {
                    let text = ByteBuffer(capacity: value.bytes.count)
                    appendText(of: value, to: text)
                    writer.string(utf8: text.readable)
                } else {
                    writer.raw(value.bytes)
                }
            }
            writer.endObject()
        }
        writer.endArray()
    }
}
