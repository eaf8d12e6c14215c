internal import SMGBase

/// The rules of a SentencePiece normalizer (`precompiled_charsmap`): sequences of characters and what they become.
///
/// The blob has a double array in the format of darts-clone, four bytes a unit, and a run of texts that end with NUL;
/// the array's values are offsets into that run. The array is read as it is; every step of a walk is checked, because
/// the blob comes from a file.
package final class Charsmap: Sendable {
    /// A rule that applies: how many bytes it takes, and where its text begins.
    struct Match {
        var length: Int
        var value: Int
    }

    /// Units of the double array.
    private let units: [UInt32]
    /// The texts, with one NUL more at the end.
    private let texts: [UInt8]
    /// Per byte below 0x80, whether it stays what it is when followed by another such byte or by nothing.
    let isPlain: [Bool]

    /// Reads a blob (decoded from base64 where it comes from a tokenizer.json). Fails with `malformed`.
    package init(_ blob: UnsafeRawBufferPointer) throws(TokenizerError) {
        guard blob.count > 4 else { throw TokenizerError(.malformed, "a charsmap of \(blob.count) bytes") }
        let size = Int(UInt32(littleEndian: blob.loadUnaligned(as: UInt32.self)))
        guard size <= blob.count - 4 else {
            throw TokenizerError(.malformed, "a charsmap whose trie of \(size) bytes is longer than itself")
        }
        guard size >= 4 else { throw TokenizerError(.malformed, "a charsmap without a trie") }
        units = (0..<size / 4).map {
            UInt32(littleEndian: blob.loadUnaligned(fromByteOffset: 4 + 4 * $0, as: UInt32.self))
        }
        // What of the trie is no whole unit belongs to the texts, as the reference reads it.
        let texts = blob.slice(4 + size / 4 * 4..<blob.count)
        guard String(validating: texts, as: UTF8.self) != nil else {
            throw TokenizerError(.malformed, "a charsmap whose texts are not UTF-8")
        }
        self.texts = Array(texts) + [0]
        var isPlain = [Bool](repeating: true, count: 128)
        for byte in 0..<128 { isPlain[byte] = Self.isPlain(UInt8(byte), units) }
        self.isPlain = isPlain
    }

    /// Whether no rule is for `byte` alone and none begins with it and another byte below 0x80.
    private static func isPlain(_ byte: UInt8, _ units: [UInt32]) -> Bool {
        units.withUnsafeBufferPointer { units in
            guard var node = root(units) else { return true }
            guard step(units, &node, byte) else { return true }
            if value(units, node) != nil { return false }
            return (0..<128).allSatisfy { next in
                var child = node
                return !step(units, &child, UInt8(next))
            }
        }
    }

    // MARK: - Walks

    /// One node: the place its children are counted from, and whether a rule ends there.
    struct Node {
        var place: Int
        var hasValue: Bool
    }

    @inline(__always)
    static func offset(_ unit: UInt32) -> Int { Int((unit >> 10) << ((unit & (1 << 9)) >> 6)) }

    /// The root; nil for an array that has none.
    @inline(__always)
    static func root(_ units: UnsafeBufferPointer<UInt32>) -> Node? {
        guard units.count > 0 else { return nil }
        return Node(place: offset(units[0]), hasValue: false)
    }

    /// Goes on with `byte`; false, with `node` as it was, when no rule does.
    @inline(__always)
    static func step(_ units: UnsafeBufferPointer<UInt32>, _ node: inout Node, _ byte: UInt8) -> Bool {
        // Byte 0 ends a key: no rule has it.
        let place = node.place ^ Int(byte)
        guard byte != 0, place < units.count else { return false }
        let unit = units[place]
        guard unit & (1 << 31 | 0xff) == UInt32(byte) else { return false }
        node = Node(place: place ^ offset(unit), hasValue: unit >> 8 & 1 == 1)
        return true
    }

    /// The value at `node`, when a rule ends there.
    @inline(__always)
    static func value(_ units: UnsafeBufferPointer<UInt32>, _ node: Node) -> Int? {
        guard node.hasValue, node.place < units.count else { return nil }
        return Int(units[node.place] & ~(1 << 31))
    }

    /// The rule for the longest beginning of `text`; nil when there is none.
    @inline(__always)
    func longest(_ text: UnsafeRawBufferPointer) -> Match? {
        units.withUnsafeBufferPointer { units in
            guard var node = Self.root(units) else { return nil }
            var best: Match?
            var at = 0
            while at < text.count, Self.step(units, &node, text[at]) {
                at &+= 1
                if let value = Self.value(units, node) { best = Match(length: at, value: value) }
            }
            return best
        }
    }

    /// The rule for the shortest beginning of `text`; nil when there is none.
    @inline(__always)
    func shortest(_ text: UnsafeRawBufferPointer) -> Match? {
        units.withUnsafeBufferPointer { units in
            guard var node = Self.root(units) else { return nil }
            var at = 0
            while at < text.count, Self.step(units, &node, text[at]) {
                at &+= 1
                if let value = Self.value(units, node) { return Match(length: at, value: value) }
            }
            return nil
        }
    }

    /// Calls `body` with the text of a rule; with nil when its offset is outside of the texts.
    @inline(__always)
    func withText<R>(_ value: Int, _ body: (UnsafeRawBufferPointer?) -> R) -> R {
        guard value < texts.count - 1 else { return body(nil) }
        return texts.withUnsafeBytes { texts in
            // The last byte is NUL.
            let end = texts.firstIndex(of: 0, from: value) ?? texts.count
            return body(texts.slice(value..<end))
        }
    }
}
