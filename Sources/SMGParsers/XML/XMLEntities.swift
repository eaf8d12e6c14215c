internal import SMGBase

/// The five entities XML has by itself. Other text with an ampersand stands for itself.
enum XMLEntities {
    private static let table: [(name: StaticString, byte: UInt8)] = [
        ("&lt;", UInt8(ascii: "<")), ("&gt;", UInt8(ascii: ">")), ("&amp;", UInt8(ascii: "&")),
        ("&quot;", UInt8(ascii: "\"")), ("&apos;", UInt8(ascii: "'")),
    ]
    /// Bytes of the longest.
    private static let longest = 6

    /// Calls `body` with `text`, decoded if `decodes`: once with all of it where it has no entity, else piece by piece.
    static func forEachPiece(_ text: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) {
        var start = 0
        var at = text.firstIndex(of: UInt8(ascii: "&")) ?? text.count
        while at < text.count {
            if let (byte, count) = entity(text, at) {
                body(text.slice(start..<at))
                withUnsafeBytes(of: byte, body)
                start = at + count
                at = start
            } else {
                at += 1
            }
            at = text.firstIndex(of: UInt8(ascii: "&"), from: at) ?? text.count
        }
        body(text.slice(start..<text.count))
    }

    /// Calls `body` with `text`, decoded if `decodes`.
    static func withDecoded<Result>(
        _ text: UnsafeRawBufferPointer, _ decodes: Bool, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        guard decodes, text.firstIndex(of: UInt8(ascii: "&")) != nil else { return body(text) }
        var decoded: [UInt8] = []
        forEachPiece(text) { decoded.append(contentsOf: $0) }
        return decoded.withUnsafeBytes(body)
    }

    /// `end`, or the offset at which an entity begins before it without ending.
    static func certainEnd(_ text: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> Int {
        for at in stride(from: end - 1, through: max(start, end - longest + 1), by: -1)
        where text[at] == UInt8(ascii: "&") {
            let rest = text.slice(at..<end)
            let isOpen = table.contains { entity in
                rest.count < entity.name.utf8CodeUnitCount && rest.elementsEqual(entity.name.bytes.prefix(rest.count))
            }
            return isOpen ? at : end
        }
        return end
    }

    private static func entity(_ text: UnsafeRawBufferPointer, _ at: Int) -> (byte: UInt8, count: Int)? {
        let rest = UnsafeRawBufferPointer(rebasing: text[at..<min(text.count, at + longest)])
        for entity in table where rest.hasPrefix(entity.name) { return (entity.byte, entity.name.utf8CodeUnitCount) }
        return nil
    }
}

extension StaticString {
    fileprivate var bytes: UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: utf8Start, count: utf8CodeUnitCount)
    }
}
