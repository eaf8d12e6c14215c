internal import CLinux
internal import SMGBase
internal import SMGNet
package import SMGTokenizer

/// Makes a tokenizer of what people name: a path, or a model of the Hugging Face hub.
package enum TokenizerLoader {
    /// Chat templates are small; the largest known has 40 KB.
    private static let templateBytes = 1 << 20

    /// The options of a tokenizer with the chat template in the file at `path`, if any.
    package static func options(chatTemplatePath path: String?) throws(TokenizerError) -> TokenizerOptions {
        var options = TokenizerOptions()
        if let path { options.chatTemplate = String(decoding: try read(path, limit: templateBytes), as: UTF8.self) }
        return options
    }

    /// Loads `source` from what is on this machine. Blocks on files.
    /// - Returns: nil when `source` is the name of a model that has to be fetched from the hub first.
    static func loadLocal(
        _ source: String, options: TokenizerOptions, hub: HubSettings
    ) throws(TokenizerError) -> Tokenizer? {
        if isPath(source) { return try Tokenizer.load(path: source, options: options) }
        if let encoding = try Tokenizer.load(
            openAIModel: source, environment: HubSettings.environment, options: options)
        {
            return encoding
        }
        guard let model = HubModelName(source) else {
            throw TokenizerError(.sourceNotFound, "'\(source)' is neither a path nor the name of a model")
        }
        if let snapshot = HubCache(hub, model).snapshot {
            // Tools that fetch single files leave snapshots without a tokenizer.
            do throws(TokenizerError) { return try Tokenizer.load(path: snapshot, options: options) } catch {
                guard error.code == .unknownFormat || error.code == .sourceNotFound else { throw error }
            }
        }
        guard hub.isOffline else { return nil }
        throw TokenizerError(
            .sourceNotFound,
            "'\(source)' is no path, no model of that name with a tokenizer is in the Hugging Face cache "
                + "(\(hub.cacheDirectory)), and HF_HUB_OFFLINE is set")
    }

    /// Loads `source`, from the hub if need be, without a gateway. Blocks.
    package static func load(_ source: String, options: TokenizerOptions) throws(TokenizerError) -> Tokenizer {
        let hub = try HubSettings()
        if let tokenizer = try loadLocal(source, options: options, hub: hub) { return tokenizer }
        return try Tokenizer.load(path: try HubDownload.blocking(source, hub), options: options)
    }

    /// Whether `source` is meant as a path: one that is there, or that no model is called.
    private static func isPath(_ source: String) -> Bool {
        if source.hasPrefix("/") || source.hasPrefix("./") || source.hasPrefix("../") { return true }
        return access(source, F_OK) == 0
    }

    private static func read(_ path: String, limit: Int) throws(TokenizerError) -> [UInt8] {
        do throws(LocalFiles.Fault) { return try LocalFiles.system.read(path, limit) } catch {
            throw TokenizerError(.sourceNotFound, "\(path) \(error.explanation)")
        }
    }
}
