import SMGBase
import SMGJSON

@testable import SMGTokenizer

/// Files of Tests/Fixtures/tokenizers, which scripts/gen-tokenizer-fixtures writes.
enum Fixtures {
    static let folder: String = {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        return parts.dropLast(2).joined(separator: "/") + "/Fixtures/tokenizers"
    }()

    /// Names of the families there are.
    static let families: [String] = {
        let names = (try? LocalFiles.names(in: folder, limit: 1000)) ?? nil
        return (names ?? []).filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }
    }()

    /// One text and what the reference makes of it.
    struct Case: Sendable {
        let text: String
        let ids: [UInt32]
        let plainIDs: [UInt32]
        let decoded: String
        let decodedWithoutSpecial: String
    }

    /// The tokenizer of `family` and its cases.
    static func family(_ name: String) throws -> (tokenizer: Tokenizer, cases: [Case]) {
        let bytes = try LocalFiles.system.read("\(folder)/\(name).json", 1 << 20)
        return try bytes.withUnsafeBytes { bytes in
            let file = try JSONSlice(parsing: bytes)
            let tokenizer = try Tokenizer.load(bytes: file["tokenizer"]!.bytes)
            let cases = file["cases"]!.elements.map { row in
                let parts = Array(row.elements)
                func ids(_ slice: JSONSlice) -> [UInt32] { slice.elements.map { UInt32($0.int64!) } }
                return Case(
                    text: parts[0].string!, ids: ids(parts[1]), plainIDs: ids(parts[2]), decoded: parts[3].string!,
                    decodedWithoutSpecial: parts[4].string!)
            }
            return (tokenizer, cases)
        }
    }

    /// A tokenizer of words ("a", "b", "ab", "[UNK]") with these sections.
    static func words(_ sections: String = "") throws -> Tokenizer {
        let model = #""model":{"type":"WordLevel","unk_token":"[UNK]","vocab":{"a":0,"b":1,"ab":2,"[UNK]":3}}"#
        return try load("{\(sections.isEmpty ? "" : sections + ",")\(model)}")
    }

    static func load(_ json: String) throws -> Tokenizer {
        var json = json
        return try json.withUTF8 { try Tokenizer.load(bytes: UnsafeRawBufferPointer($0)) }
    }

    /// The code of the error that `body` ends with; nil when it ends well.
    static func code(_ body: () throws -> Void) -> TokenizerError.Code? {
        do { try body() } catch { return (error as? TokenizerError)?.code }
        return nil
    }
}

/// The text of `ids`, one by one. Nil when a step gives anything but whole characters.
func streamed(_ tokenizer: Tokenizer, _ ids: [UInt32], skip: Bool) throws -> String? {
    var stream = TokenDecoder.Stream(skipSpecialTokens: skip)
    let text = ByteBuffer(capacity: 64)
    for id in ids {
        let start = text.writerIndex
        try tokenizer.decoder.step(id, &stream, into: text)
        if String(validating: text.slice(start..<text.writerIndex), as: UTF8.self) == nil { return nil }
    }
    try tokenizer.decoder.finish(&stream, into: text)
    return text.readableString
}
