internal import CLinux
internal import SMGBase
internal import SMGNet
package import SMGTokenizer

/// Makes a tokenizer of what people name: a path, or a model in the cache of the Hugging Face tools.
package enum TokenizerLoader {
    /// Chat templates are small; the largest known has 40 KB.
    private static let templateBytes = 1 << 20
    /// Bytes of a file that names a commit.
    private static let referenceBytes = 4096

    /// Loads `source` with the chat template in the file at `chatTemplatePath`, if any. Blocks on files.
    package static func load(_ source: String, chatTemplatePath: String?) throws(TokenizerError) -> Tokenizer {
        var options = TokenizerOptions()
        if let path = chatTemplatePath {
            options.chatTemplate = String(decoding: try read(path, limit: templateBytes), as: UTF8.self)
        }
        return try load(source, options: options)
    }

    /// Loads `source`. Blocks on files.
    package static func load(_ source: String, options: TokenizerOptions) throws(TokenizerError) -> Tokenizer {
        if isPath(source) { return try Tokenizer.load(path: source, options: options) }
        if let encoding = try Tokenizer.load(openAIModel: source, environment: variable, options: options) {
            return encoding
        }
        guard let snapshot = cachedSnapshot(of: source) else {
            throw TokenizerError(
                .sourceNotFound,
                "'\(source)' is no path, and no model of that name is in the Hugging Face cache (\(cacheDirectory))")
        }
        return try Tokenizer.load(path: snapshot, options: options)
    }

    /// Whether `source` is meant as a path: one that is there, or that no model is called.
    private static func isPath(_ source: String) -> Bool {
        if source.hasPrefix("/") || source.hasPrefix("./") || source.hasPrefix("../") { return true }
        return access(source, F_OK) == 0
    }

    /// Where the Hugging Face tools keep models: HF_HUB_CACHE, else `hub` in HF_HOME, else in ~/.cache/huggingface.
    private static var cacheDirectory: String {
        if let cache = variable("HF_HUB_CACHE") { return cache }
        if let home = variable("HF_HOME") { return home + "/hub" }
        return (variable("XDG_CACHE_HOME") ?? (variable("HOME") ?? "") + "/.cache") + "/huggingface/hub"
    }

    private static func variable(_ name: String) -> String? {
        guard let value = getenv(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }

    /// The directory of the revision `main` of a model that was downloaded before.
    private static func cachedSnapshot(of model: String) -> String? {
        // A name with more to it than an owner and a model could leave the cache.
        let parts = model.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty && !$0.hasPrefix(".") && !$0.utf8.contains(0) }) else {
            return nil
        }
        let folder = cacheDirectory + "/models--" + parts.joined(separator: "--")
        guard let name = try? read(folder + "/refs/main", limit: referenceBytes) else { return nil }
        let commit = String(decoding: name, as: UTF8.self).filter { !$0.isWhitespace }
        guard !commit.isEmpty, commit.utf8.allSatisfy({ ASCII.hexValue($0) != nil }) else { return nil }
        return folder + "/snapshots/" + commit
    }

    private static func read(_ path: String, limit: Int) throws(TokenizerError) -> [UInt8] {
        do throws(LocalFiles.Fault) { return try LocalFiles.system.read(path, limit) } catch {
            throw TokenizerError(.sourceNotFound, "\(path) \(error.explanation)")
        }
    }
}
