internal import SMGBase

/// One JSON value as the bytes it is spelled with. Nothing is decoded before it is asked for, nothing is allocated.
/// Valid as long as the bytes it points into.
package struct JSONSlice {
    /// The value's bytes, without whitespace around them.
    package let bytes: UnsafeRawBufferPointer

    /// A value that a scan or a cursor delimited.
    package init(validated bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// Validates `bytes` as one JSON document of any kind.
    package init(parsing bytes: UnsafeRawBufferPointer) throws(JSONError) {
        guard let base = bytes.baseAddress, bytes.count > 0 else { throw JSONError(.unexpectedEnd, at: 0) }
        self.bytes = bytes.slice(try JSONValidator(base: base, count: bytes.count).document())
    }

    /// What the value is. Bytes that are no value count as null.
    package var kind: JSONKind { bytes.first.flatMap(JSONKind.init(firstByte:)) ?? .null }

    package var isNull: Bool { kind == .null }

    /// The value of `true` or `false`; nil for anything else.
    package var bool: Bool? {
        guard kind == .bool else { return nil }
        return bytes[0] == UInt8(ascii: "t")
    }

    /// The string, still as it is spelled; nil for anything else.
    package var text: JSONString? {
        guard kind == .string, bytes.count >= 2 else { return nil }
        return JSONString(raw: bytes.slice(1..<bytes.count - 1))
    }

    /// The decoded string; nil for anything else.
    package var string: String? { text?.string }

    /// Whether the value is a string whose decoded text is `other`.
    package func isEqual(to other: StaticString) -> Bool { text?.isEqual(to: other) ?? false }

    /// The elements of an array; nothing for anything else.
    package var elements: JSONElements { JSONElements(self) }

    /// The members of an object in their order, repeated keys included; nothing for anything else.
    package var members: JSONMembers { JSONMembers(self) }

    /// The member of an object named `key`, the last one when the key is repeated.
    package subscript(key: StaticString) -> JSONSlice? {
        var found: JSONSlice?
        for (name, value) in members where name.isEqual(to: key) { found = value }
        return found
    }
}

/// The elements of an array, one by one.
package struct JSONElements: Sequence, IteratorProtocol {
    private var cursor: JSONCursor
    private let entered: Bool

    fileprivate init(_ slice: JSONSlice) {
        var cursor = JSONCursor(slice.bytes)
        entered = slice.kind == .array && cursor.enter()
        self.cursor = cursor
    }

    package mutating func next() -> JSONSlice? {
        guard entered, cursor.nextElement() else { return nil }
        return cursor.takeValue()
    }
}

/// The members of an object, one by one.
package struct JSONMembers: Sequence, IteratorProtocol {
    private var cursor: JSONCursor
    private let entered: Bool

    fileprivate init(_ slice: JSONSlice) {
        var cursor = JSONCursor(slice.bytes)
        entered = slice.kind == .object && cursor.enter()
        self.cursor = cursor
    }

    package mutating func next() -> (key: JSONString, value: JSONSlice)? {
        guard entered, let key = cursor.nextKey() else { return nil }
        return (key, cursor.takeValue())
    }
}
