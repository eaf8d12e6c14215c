internal import SMGBase
internal import SMGJSON

/// Reads the vocabulary and the merges of a model: the bulk of a tokenizer.json, in one pass and without strings.
enum VocabularyReader {
    /// An object of tokens and ids.
    static func vocabulary(_ place: JSONPlace) throws(TokenizerError) -> Vocabulary {
        guard place.value.kind == .object else { throw place.malformed("is no object") }
        // About 12 bytes a member in real files.
        var builder = Vocabulary.Builder(tokens: place.value.bytes.count / 24, bytes: place.value.bytes.count / 2)
        let unescaped = ByteBuffer(capacity: 256)
        var cursor = JSONCursor(place.value.bytes)
        _ = cursor.enter()
        var index = 0
        while let key = cursor.nextKey() {
            let value = cursor.takeValue()
            guard let number = value.int64, number >= 0 else { throw place.malformed("has no id for token \(index)") }
            guard number < Int64(TokenizerLimits.maximumID) else {
                throw TokenizerError(.limit, "\(place.path): id \(number) is not below \(TokenizerLimits.maximumID)")
            }
            try builder.add(text(key, unescaped), id: UInt32(number))
            index += 1
        }
        return Vocabulary(builder)
    }

    /// An array of pieces and scores.
    static func unigram(_ place: JSONPlace) throws(TokenizerError) -> UnigramModel.Builder {
        guard place.value.kind == .array else { throw place.malformed("is no array") }
        var builder = UnigramModel.Builder(expected: place.value.bytes.count / 32)
        let unescaped = ByteBuffer(capacity: 256)
        var cursor = JSONCursor(place.value.bytes)
        _ = cursor.enter()
        var index = 0
        while cursor.nextElement() {
            guard cursor.kind == .array, cursor.enter(), cursor.nextElement(), let piece = cursor.takeValue().text,
                cursor.nextElement(), let score = score(cursor.takeValue()), !cursor.nextElement()
            else {
                throw JSONPlace(place.value, "\(place.path)[\(index)]").malformed("is no pair of a piece and a score")
            }
            try builder.add(text(piece, unescaped), score: score)
            index += 1
        }
        return builder
    }

    private static func score(_ value: JSONSlice) -> Double? {
        value.kind == .number ? ScoreText.double(value.bytes) : nil
    }

    /// An array of merges: `"a b"` or `["a", "b"]`.
    static func merges(_ place: JSONPlace, into list: inout MergeList) throws(TokenizerError) {
        guard place.value.kind == .array else { throw place.malformed("is no array") }
        let unescaped = ByteBuffer(capacity: 256)
        let second = ByteBuffer(capacity: 256)
        var cursor = JSONCursor(place.value.bytes)
        _ = cursor.enter()
        while cursor.nextElement() {
            if cursor.kind == .string, let line = cursor.takeValue().text {
                try list.add(line: text(line, unescaped))
                continue
            }
            guard cursor.kind == .array, cursor.enter(), cursor.nextElement(), let left = cursor.takeValue().text,
                cursor.nextElement(), let right = cursor.takeValue().text, !cursor.nextElement()
            else { throw JSONPlace(place.value, "\(place.path)[\(list.count)]").malformed("is no merge") }
            try list.add(text(left, unescaped), text(right, second))
        }
    }

    /// The decoded text of `string`; in `unescaped` where it has escapes.
    private static func text(_ string: JSONString, _ unescaped: ByteBuffer) -> UnsafeRawBufferPointer {
        guard string.hasEscapes else { return string.raw }
        unescaped.clear()
        string.append(to: unescaped)
        return unescaped.readable
    }
}
