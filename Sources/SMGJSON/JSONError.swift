/// Why bytes are not the JSON that was asked for, and where.
package struct JSONError: Error, Hashable, Sendable {
    /// The rule that was broken. The raw value is the stable code, safe as a metric label.
    package enum Code: String, Sendable, CaseIterable {
        case unexpectedEnd = "unexpected_end"
        case expectedObject = "expected_object"
        case expectedValue = "expected_value"
        case expectedValueOrArrayEnd = "expected_value_or_array_end"
        case expectedKey = "expected_key"
        case expectedKeyOrObjectEnd = "expected_key_or_object_end"
        case expectedColon = "expected_colon"
        case expectedCommaOrObjectEnd = "expected_comma_or_object_end"
        case expectedCommaOrArrayEnd = "expected_comma_or_array_end"
        case trailingData = "trailing_data"
        case byteOrderMark = "byte_order_mark"
        case invalidLiteral = "invalid_literal"
        case invalidNumber = "invalid_number"
        case invalidEscape = "invalid_escape"
        case invalidUnicodeEscape = "invalid_unicode_escape"
        case controlCharacter = "control_character"
        case invalidUTF8 = "invalid_utf8"
        case depthLimit = "depth_limit_exceeded"
        case memberLimit = "member_limit_exceeded"
        case inputLimit = "input_limit_exceeded"
    }

    package let code: Code
    /// Offset of the first byte that cannot be accepted; the input's length when the input ended too early.
    package let offset: Int

    package init(_ code: Code, at offset: Int) {
        self.code = code
        self.offset = offset
    }

    /// One line for the client: "expected ',' or '}' at offset 17". Never quotes the input.
    package var message: String { "\(code.reason) at offset \(offset)" }
}

extension JSONError.Code {
    /// What was expected or found, without the place.
    package var reason: StaticString {
        switch self {
        case .unexpectedEnd: "unexpected end of input"
        case .expectedObject: "expected a JSON object"
        case .expectedValue: "expected a value"
        case .expectedValueOrArrayEnd: "expected a value or ']'"
        case .expectedKey: "expected a string key"
        case .expectedKeyOrObjectEnd: "expected a string key or '}'"
        case .expectedColon: "expected ':'"
        case .expectedCommaOrObjectEnd: "expected ',' or '}'"
        case .expectedCommaOrArrayEnd: "expected ',' or ']'"
        case .trailingData: "unexpected data after the value"
        case .byteOrderMark: "unexpected byte order mark"
        case .invalidLiteral: "invalid literal, expected true, false or null"
        case .invalidNumber: "invalid number"
        case .invalidEscape: "invalid escape in a string"
        case .invalidUnicodeEscape: "invalid \\u escape, expected four hexadecimal digits"
        case .controlCharacter: "unescaped control character in a string"
        case .invalidUTF8: "invalid UTF-8 in a string"
        case .depthLimit: "containers nested too deeply"
        case .memberLimit: "too many members in an object"
        case .inputLimit: "input too large"
        }
    }
}
