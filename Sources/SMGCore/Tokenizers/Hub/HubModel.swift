internal import SMGBase
internal import SMGJSON
internal import SMGTokenizer

/// The name of a model on the hub: `owner/model`, or a bare `model`.
struct HubModelName: Sendable, CustomStringConvertible {
    let description: String

    /// Bytes of a name; the hub allows 96 in each part.
    private static let maximumBytes = 200

    /// Nil when `text` cannot be one: with more to it, it could leave the cache or the endpoint.
    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard text.utf8.count <= Self.maximumBytes, parts.count <= 2,
            parts.allSatisfy({ !$0.isEmpty && !$0.hasPrefix(".") && $0.utf8.allSatisfy(Self.isAllowed) })
        else { return nil }
        description = text
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        ASCII.isDigit(byte) || ASCII.lowercased(byte) &- 97 < 26 || "-_.".utf8.contains(byte)
    }

    /// The model's folder in a cache.
    var folder: String { "models--" + description.split(separator: "/").joined(separator: "--") }
}

/// What the hub says of a model: its newest commit and the files of it that a tokenizer needs.
struct HubModel: Sendable {
    let commit: String
    /// Paths within the model.
    let files: [String]
    /// The folder of the files: empty, or with a trailing slash.
    let folder: String

    /// Files of one model that are looked at.
    private static let maximumFiles = 100_000

    /// Reads the answer of `/api/models/{name}`.
    init(_ answer: UnsafeRawBufferPointer, of name: HubModelName) throws(TokenizerError) {
        guard let root = try? JSONSlice(parsing: answer), let commit = root["sha"]?.string, Self.isCommit(commit),
            let siblings = root["siblings"], siblings.kind == .array
        else { throw TokenizerError(.downloadFailed, "the hub's answer about '\(name)' names no commit or no files") }
        var paths: [String] = []
        for sibling in siblings.elements.prefix(Self.maximumFiles) {
            if let path = sibling["rfilename"]?.string { paths.append(path) }
        }
        self.commit = commit
        // Some models keep the original tokenizer in a folder of this name.
        for folder in ["", "original/"] {
            let files = paths.filter { $0.hasPrefix(folder) && Self.isWanted($0.dropFirst(folder.count)) }
            guard files.contains(where: { Self.isTokenizer($0.dropFirst(folder.count)) }) else { continue }
            (self.files, self.folder) = (files, folder)
            return
        }
        throw TokenizerError(.unknownFormat, "the model '\(name)' holds no tokenizer file")
    }

    static func isCommit(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count) && text.utf8.allSatisfy { ASCII.hexValue($0) != nil }
    }

    /// Whether a file by itself is a tokenizer.
    private static func isTokenizer(_ name: Substring) -> Bool {
        ["tokenizer.json", "tekken.json", "vocab.json"].contains(name) || name.hasSuffix(".model")
            || name.hasSuffix(".tiktoken")
    }

    private static func isWanted(_ name: Substring) -> Bool {
        // The name becomes one of a file in the cache.
        guard !name.isEmpty, !name.hasPrefix("."), !name.utf8.contains(where: { $0 == UInt8(ascii: "/") || $0 == 0 })
        else { return false }
        return isTokenizer(name) || name.hasSuffix(".jinja")
            || [
                "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "merges.txt",
                "chat_template.json", "config.json", "generation_config.json",
            ].contains(name)
    }
}
