internal import CLinux
internal import SMGBase
internal import SMGTokenizer

/// The folder in which the Hugging Face tools keep one model, in their layout: `blobs` holds contents, named by the
/// hub's tag of them; `snapshots/{commit}` links to them by file name; `refs/main` names the newest commit.
///
/// What is written appears whole or not at all, so that others may read and write beside. Calls block.
struct HubCache: Sendable {
    let directory: String

    /// Bytes of a file that names a commit.
    private static let referenceBytes = 4096

    init(_ settings: HubSettings, _ model: HubModelName) { directory = settings.cacheDirectory + "/" + model.folder }

    /// The directory of the newest commit that was downloaded; nil when there is none.
    var snapshot: String? {
        guard let name = try? LocalFiles.system.read(directory + "/refs/main", Self.referenceBytes) else { return nil }
        let commit = String(decoding: name, as: UTF8.self).filter { !$0.isWhitespace }
        guard HubModel.isCommit(commit) else { return nil }
        return snapshotPath(commit)
    }

    func snapshotPath(_ commit: String) -> String { directory + "/snapshots/" + commit }

    /// Whether `file` of `commit` is there.
    func has(_ file: String, _ commit: String) -> Bool { access(snapshotPath(commit) + "/" + file, R_OK) == 0 }

    /// Keeps the content of `file` of `commit`; `tag` is the hub's, nil when it has none.
    func store(
        _ content: UnsafeRawBufferPointer, as file: String, _ commit: String, tag: String?
    ) throws(TokenizerError) {
        let place = snapshotPath(commit) + "/" + file
        try makeFolder(of: place)
        guard let tag else { return try write(content, to: place) }
        let blob = directory + "/blobs/" + tag
        try makeFolder(of: blob)
        if access(blob, R_OK) != 0 { try write(content, to: blob) }
        let up = String(repeating: "../", count: file.split(separator: "/").count + 1)
        unlink(place)
        guard symlink(up + "blobs/" + tag, place) == 0 || clinux_errno() == EEXIST else { throw fault(place) }
    }

    /// Makes `commit` the newest one: the last thing that is done.
    func finish(_ commit: String) throws(TokenizerError) {
        let place = directory + "/refs/main"
        try makeFolder(of: place)
        let name = ByteBuffer(commit.utf8)
        try write(name.readable, to: place)
    }

    // MARK: - Files

    private func write(_ content: UnsafeRawBufferPointer, to path: String) throws(TokenizerError) {
        var template = Array((path + ".XXXXXX").utf8CString)
        let file = mkstemp(&template)
        guard file >= 0 else { throw fault(path) }
        let temporary = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        var written = 0
        while written < content.count {
            let count = CLinux.write(file, content.baseAddress! + written, content.count - written)
            if count < 0, clinux_errno() == EINTR { continue }
            guard count > 0 else { break }
            written += count
        }
        var failed = written < content.count ? fault(path) : nil
        // Temporary files are private; models are not.
        if fchmod(file, 0o644) != 0 || close(file) != 0 { failed = failed ?? fault(path) }
        if failed == nil, clinux_rename(temporary, path) != 0 { failed = fault(path) }
        if let failed {
            unlink(temporary)
            throw failed
        }
    }

    private func makeFolder(of path: String) throws(TokenizerError) {
        var at = path.utf8.index(after: path.utf8.startIndex)
        while let slash = path.utf8[at...].firstIndex(of: UInt8(ascii: "/")) {
            let folder = String(path[..<slash])
            guard mkdir(folder, 0o755) == 0 || clinux_errno() == EEXIST || access(folder, F_OK) == 0 else {
                throw fault(folder)
            }
            at = path.utf8.index(after: slash)
        }
    }

    private func fault(_ path: String) -> TokenizerError {
        TokenizerError(.downloadFailed, "\(path) cannot be written: \(String(cString: strerror(clinux_errno())))")
    }
}
