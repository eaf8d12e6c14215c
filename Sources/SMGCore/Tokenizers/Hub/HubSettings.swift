internal import CLinux
internal import SMGBase
internal import SMGConfig
internal import SMGTokenizer

/// Where models come from and where they are kept: what the Hugging Face tools' environment variables say.
struct HubSettings: Sendable {
    /// HF_ENDPOINT, without a trailing slash.
    let endpoint: WorkerURL
    /// HF_TOKEN, HUGGING_FACE_HUB_TOKEN, else what the file HF_TOKEN_PATH or `token` in HF_HOME holds.
    let token: Secret?
    /// HF_HUB_CACHE, else `hub` in HF_HOME, else in ~/.cache/huggingface.
    let cacheDirectory: String
    /// HF_HUB_OFFLINE: only what was downloaded before counts.
    let isOffline: Bool

    static let defaultEndpoint = "https://huggingface.co"
    /// Bytes of a token's file. Tokens have about 40.
    private static let tokenBytes = 4096

    /// Reads the settings by asking `variable` for each name; nil means not set.
    init(variable: (String) -> String? = HubSettings.environment) throws(TokenizerError) {
        let home =
            variable("HF_HOME") ?? (variable("XDG_CACHE_HOME") ?? (variable("HOME") ?? "") + "/.cache") + "/huggingface"
        cacheDirectory = variable("HF_HUB_CACHE") ?? home + "/hub"
        isOffline = ["1", "ON", "YES", "TRUE"].contains(variable("HF_HUB_OFFLINE")?.uppercased() ?? "")
        let text = variable("HF_ENDPOINT") ?? Self.defaultEndpoint
        do throws(WorkerURL.Fault) { endpoint = try WorkerURL(text) } catch {
            throw TokenizerError(.sourceNotFound, "HF_ENDPOINT \(error.explanation)")
        }
        token = try Self.token(variable, home)
    }

    private static func token(_ variable: (String) -> String?, _ home: String) throws(TokenizerError) -> Secret? {
        let file = variable("HF_TOKEN_PATH") ?? home + "/token"
        let written =
            variable("HF_TOKEN") ?? variable("HUGGING_FACE_HUB_TOKEN")
            ?? (try? LocalFiles.system.read(file, tokenBytes)).map { String(decoding: $0, as: UTF8.self) }
        guard let token = written?.split(whereSeparator: \.isWhitespace).first, !token.isEmpty else { return nil }
        // Anything else could end the header line it is sent in.
        guard token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw TokenizerError(.sourceNotFound, "the Hugging Face token holds a character that no token has")
        }
        return Secret(String(token))
    }

    /// A variable of this process; an empty one counts as not set.
    static func environment(_ name: String) -> String? {
        guard let value = getenv(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }
}
