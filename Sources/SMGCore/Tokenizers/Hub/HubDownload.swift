internal import SMGBase
internal import SMGNet
internal import SMGTokenizer

/// Fetches the tokenizer of a model from the hub into the cache that the Hugging Face tools share.
struct HubDownload {
    private let settings: HubSettings
    private let loop: EventLoop
    private let pool: BlockingPool
    private let resolver: Resolver

    /// Bytes of the hub's answer about a model: a name for each file.
    private static let listBytes = 64 << 20

    /// `run` is called from a task of `loop`; files are written on `pool`.
    init(_ settings: HubSettings, loop: EventLoop, pool: BlockingPool, resolver: Resolver) {
        self.settings = settings
        self.loop = loop
        self.pool = pool
        self.resolver = resolver
    }

    /// Fetches what is missing of the newest commit of `model`.
    /// - Returns: the directory with the tokenizer's files.
    func run(_ model: String) async throws(TokenizerError) -> String {
        guard let name = HubModelName(model) else {
            throw TokenizerError(.sourceNotFound, "'\(model)' is neither a path nor the name of a model")
        }
        let connection = try HubConnection(settings, loop: loop, resolver: resolver)
        defer { connection.close() }
        let list = try await connection.get(
            "/api/models/\(name)", limit: Self.listBytes, subject: "the model '\(name)'")
        let found = try HubModel(list.body.readable, of: name)
        let cache = HubCache(settings, name)
        for file in found.files where !cache.has(file, found.commit) {
            let answer = try await connection.get(
                "/\(name)/resolve/\(found.commit)/\(Self.escaped(file))", limit: TokenizerLimits.fileBytes,
                subject: "'\(file)' of the model '\(name)'")
            let content = HandedOver(answer)
            try await onPool { () throws(TokenizerError) in
                try cache.store(content.value.body.readable, as: file, found.commit, tag: content.value.tag)
            }
        }
        try await onPool { () throws(TokenizerError) in try cache.finish(found.commit) }
        return cache.snapshotPath(found.commit) + "/" + found.folder
    }

    private func onPool(_ work: @escaping @Sendable () throws(TokenizerError) -> Void) async throws(TokenizerError) {
        let result: Result<Void, TokenizerError>
        do {
            result = try await pool.run {
                do throws(TokenizerError) { return .success(try work()) } catch { return .failure(error) }
            }
        } catch { throw TokenizerError(.busy, "no thread was free to keep what was downloaded") }
        try result.get()
    }

    /// `path` as it is written in a URL (RFC 3986 §3.3).
    private static func escaped(_ path: String) -> String {
        var text = ""
        for byte in path.utf8 {
            let isPlain =
                ASCII.isDigit(byte) || ASCII.lowercased(byte) &- 97 < 26 || "-._~/".utf8.contains(byte)
            if isPlain {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                text += digits.utf8.count == 1 ? "%0" + digits : "%" + digits
            }
        }
        return text
    }

    /// The same for a caller without a loop: one of its own, for as long as it takes. Blocks.
    static func blocking(_ model: String, _ settings: HubSettings) throws(TokenizerError) -> String {
        let loop: EventLoop
        do throws(NetError) { loop = try EventLoop(index: 0, name: "smg-hub") } catch {
            throw TokenizerError(.downloadFailed, "no event loop: \(error)")
        }
        let pool = BlockingPool(maxThreads: 2)
        let outcome = Outcome()
        loop.start()
        loop.spawn {
            let download = HubDownload(settings, loop: loop, pool: pool, resolver: Resolver(pool: pool))
            do throws(TokenizerError) { outcome.result = .success(try await download.run(model)) } catch {
                outcome.result = .failure(error)
            }
            loop.stop()
        }
        loop.join()
        pool.shutdown()
        guard let result = outcome.result else { throw TokenizerError(.downloadFailed, "the download was given up") }
        return try result.get()
    }

    private final class Outcome: @unchecked Sendable {
        // SAFETY (@unchecked Sendable): written by the loop's thread, read after that has been joined.
        var result: Result<String, TokenizerError>?
    }
}
