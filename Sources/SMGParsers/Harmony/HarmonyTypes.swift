internal import SMGBase
internal import SMGJSON

/// Writes JSON schemas as the types that gpt-oss knows its tools by: TypeScript with comments, in the very layout of
/// the openai-harmony library. What the layout has no words for is `any`.
enum HarmonyTypes {
    /// Schemas inside schemas that are written; deeper ones are `any`. Real ones have below ten. Also bounds the work:
    /// a schema is read once per level.
    private static let maximumDepth = 32

    /// The members of a schema that are looked at, found in one pass.
    private struct Schema {
        var variants: JSONSlice?
        var hasOneOf = false
        var type: JSONSlice?
        var title: JSONString?
        var description: JSONString?
        var examples: JSONSlice?
        var defaultValue: JSONSlice?
        var options: JSONSlice?
        var isNullable = false
        var properties: JSONSlice?
        var required: JSONSlice?
        var items: JSONSlice?

        init(_ schema: JSONSlice) {
            for (key, value) in schema.members {
                if key.isEqual(to: "type") {
                    type = value
                } else if key.isEqual(to: "description") {
                    description = value.text
                } else if key.isEqual(to: "properties") {
                    properties = value.kind == .object ? value : nil
                } else if key.isEqual(to: "required") {
                    required = value
                } else if key.isEqual(to: "items") {
                    items = value
                } else if key.isEqual(to: "enum") {
                    options = value
                } else if key.isEqual(to: "default") {
                    defaultValue = value
                } else if key.isEqual(to: "title") {
                    title = value.text
                } else if key.isEqual(to: "nullable") {
                    isNullable = value.bool ?? false
                } else if key.isEqual(to: "examples") {
                    examples = value
                } else if key.isEqual(to: "oneOf") {
                    hasOneOf = true
                    variants = value.kind == .array ? value : nil
                }
            }
        }

        var isEnum: Bool { options?.elements.first { _ in true } != nil }
    }

    /// Appends every line of `text` as a comment.
    static func appendComment(_ text: String, to buffer: ByteBuffer) {
        var lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        for line in lines {
            buffer.append("// " as StaticString)
            buffer.append(contentsOf: line.last == UInt8(ascii: "\r") ? line.dropLast() : line)
            buffer.append(UInt8(ascii: "\n"))
        }
    }

    /// Appends the type that `schema` describes. `indent` is that of the line it begins on, in spaces.
    static func append(_ schema: JSONSlice, indent: Int, depth: Int, to buffer: ByteBuffer) {
        append(Schema(schema), indent, depth, buffer)
    }

    private static func append(_ schema: Schema, _ indent: Int, _ depth: Int, _ buffer: ByteBuffer) {
        guard depth < maximumDepth else { return buffer.append("any" as StaticString) }
        if let variants = schema.variants { return appendUnion(variants, indent, depth, buffer) }
        if let types = schema.type, types.kind == .array, appendNames(types, buffer) { return }
        guard let type = schema.type?.text else { return buffer.append("any" as StaticString) }
        if type.isEqual(to: "object") {
            appendObject(schema, indent, depth, buffer)
        } else if type.isEqual(to: "string") {
            if !appendOptions(schema, buffer) { buffer.append("string" as StaticString) }
        } else if type.isEqual(to: "number") || type.isEqual(to: "integer") {
            buffer.append("number" as StaticString)
        } else if type.isEqual(to: "boolean") {
            buffer.append("boolean" as StaticString)
        } else if type.isEqual(to: "array") {
            guard let items = schema.items else { return buffer.append("Array<any>" as StaticString) }
            append(items, indent: indent, depth: depth + 1, to: buffer)
            buffer.append("[]" as StaticString)
        } else {
            buffer.append("any" as StaticString)
        }
    }

    /// `string | number`; false, with nothing appended, when no type is named.
    private static func appendNames(_ types: JSONSlice, _ buffer: ByteBuffer) -> Bool {
        var isFirst = true
        for type in types.elements.lazy.compactMap(\.text) {
            if !isFirst { buffer.append(" | " as StaticString) }
            isFirst = false
            if type.isEqual(to: "integer") { buffer.append("number" as StaticString) } else { type.append(to: buffer) }
        }
        return !isFirst
    }

    /// `"a" | "b"`; false, with nothing appended, when there are no strings to choose from.
    private static func appendOptions(_ schema: Schema, _ buffer: ByteBuffer) -> Bool {
        guard let options = schema.options else { return false }
        var isFirst = true
        for option in options.elements.lazy.compactMap(\.text) {
            if !isFirst { buffer.append(" | " as StaticString) }
            isFirst = false
            buffer.append(UInt8(ascii: "\""))
            option.append(to: buffer)
            buffer.append(UInt8(ascii: "\""))
        }
        return !isFirst
    }

    /// A union that is not the value of a property: every variant on a line of its own.
    private static func appendUnion(_ variants: JSONSlice, _ indent: Int, _ depth: Int, _ buffer: ByteBuffer) {
        for element in variants.elements {
            let variant = Schema(element)
            buffer.append(UInt8(ascii: "\n"))
            spaces(indent, buffer)
            buffer.append(" | " as StaticString)
            appendNullable(variant, indent + 3, depth + 1, buffer)
            var hasComment = false
            if let description = variant.description {
                buffer.append(" // " as StaticString)
                description.append(to: buffer)
                hasComment = true
            }
            guard let value = variant.defaultValue else { continue }
            buffer.append(hasComment ? " default: " : " // default: " as StaticString)
            appendDefault(value, bare: false, quoted: !variant.isEnum, buffer)
        }
    }

    /// The type, and ` | null` behind it when the schema says nullable and the type does not.
    private static func appendNullable(_ schema: Schema, _ indent: Int, _ depth: Int, _ buffer: ByteBuffer) {
        let start = buffer.writerIndex
        append(schema, indent, depth, buffer)
        guard schema.isNullable else { return }
        if buffer.slice(start..<buffer.writerIndex).firstIndex(of: "null" as StaticString) == nil {
            buffer.append(" | null" as StaticString)
        }
    }

    /// A default value. A string stands between quotes as it is when `quoted`, without them when `bare`, else as JSON.
    private static func appendDefault(_ value: JSONSlice, bare: Bool, quoted: Bool, _ buffer: ByteBuffer) {
        guard let text = value.text, bare || quoted else { return JSONText.append(value, to: buffer) }
        if quoted { buffer.append(UInt8(ascii: "\"")) }
        text.append(to: buffer)
        if quoted { buffer.append(UInt8(ascii: "\"")) }
    }

    private static func spaces(_ count: Int, _ buffer: ByteBuffer) {
        for _ in 0..<count { buffer.append(UInt8(ascii: " ")) }
    }

    /// A line of comment.
    private static func appendLine(_ indent: Int, _ text: JSONString, _ buffer: ByteBuffer) {
        spaces(indent, buffer)
        buffer.append("// " as StaticString)
        text.append(to: buffer)
        buffer.append(UInt8(ascii: "\n"))
    }
}

// MARK: - Objects

extension HarmonyTypes {
    private static func appendObject(_ schema: Schema, _ indent: Int, _ depth: Int, _ buffer: ByteBuffer) {
        if let description = schema.description { appendLine(indent, description, buffer) }
        buffer.append("{\n" as StaticString)
        if let properties = schema.properties {
            let required = Set(schema.required?.elements.compactMap(\.string) ?? [])
            for (key, value) in properties.members {
                let property = Schema(value)
                appendNotes(property, indent, buffer)
                if let variants = property.variants {
                    appendProperty(key, variants, of: property, required, indent, depth, buffer)
                } else {
                    appendProperty(key, property, required, indent, depth, buffer)
                }
            }
        }
        spaces(indent, buffer)
        buffer.append(UInt8(ascii: "}"))
    }

    /// The comments above a property.
    private static func appendNotes(_ property: Schema, _ indent: Int, _ buffer: ByteBuffer) {
        if let title = property.title {
            appendLine(indent, title, buffer)
            spaces(indent, buffer)
            buffer.append("//\n" as StaticString)
        }
        if !property.hasOneOf, let description = property.description { appendLine(indent, description, buffer) }
        guard let examples = property.examples, examples.elements.first(where: { _ in true }) != nil else { return }
        spaces(indent, buffer)
        buffer.append("// Examples:\n" as StaticString)
        for example in examples.elements.lazy.compactMap(\.text) {
            spaces(indent, buffer)
            buffer.append("// - \"" as StaticString)
            example.append(to: buffer)
            buffer.append("\"\n" as StaticString)
        }
    }

    private static func appendName(_ key: JSONString, _ required: Set<String>, _ indent: Int, _ buffer: ByteBuffer) {
        spaces(indent, buffer)
        key.append(to: buffer)
        buffer.append(required.contains(key.string) ? ":" : "?:" as StaticString)
    }

    /// `name?: type, // default: 1`
    private static func appendProperty(
        _ key: JSONString, _ property: Schema, _ required: Set<String>, _ indent: Int, _ depth: Int,
        _ buffer: ByteBuffer
    ) {
        appendName(key, required, indent, buffer)
        buffer.append(UInt8(ascii: " "))
        appendNullable(property, indent + 4, depth + 1, buffer)
        buffer.append(UInt8(ascii: ","))
        if !property.hasOneOf, let value = property.defaultValue {
            buffer.append(" // default: " as StaticString)
            appendDefault(value, bare: true, quoted: !property.isEnum, buffer)
        }
        buffer.append(UInt8(ascii: "\n"))
    }

    /// A property that is a union: every variant on a line of its own, with its comment behind it.
    private static func appendProperty(
        _ key: JSONString, _ variants: JSONSlice, of property: Schema, _ required: Set<String>, _ indent: Int,
        _ depth: Int, _ buffer: ByteBuffer
    ) {
        let description = property.description?.string
        let first = variants.elements.first { _ in true }.flatMap { $0["description"]?.string }
        let isAbove = description != nil && description != first
        if isAbove, let text = property.description { appendLine(indent, text, buffer) }
        if let value = property.defaultValue {
            spaces(indent, buffer)
            buffer.append("// default: " as StaticString)
            appendDefault(value, bare: true, quoted: !property.isEnum, buffer)
            buffer.append(UInt8(ascii: "\n"))
        }
        appendName(key, required, indent, buffer)
        buffer.append(UInt8(ascii: "\n"))
        for (i, element) in variants.elements.enumerated() {
            let variant = Schema(element)
            spaces(indent, buffer)
            buffer.append(" | " as StaticString)
            appendNullable(variant, indent + 3, depth + 1, buffer)
            var hasComment = false
            if !(i == 0 && isAbove), let text = variant.description, text.string != description {
                buffer.append(" // " as StaticString)
                text.append(to: buffer)
                hasComment = true
            }
            if let value = variant.defaultValue {
                buffer.append(hasComment ? " default: " : " // default: " as StaticString)
                appendDefault(value, bare: true, quoted: !variant.isEnum, buffer)
            }
            buffer.append(UInt8(ascii: "\n"))
        }
        spaces(indent, buffer)
        buffer.append(",\n" as StaticString)
    }
}
