internal import SMGBase
internal import SMGJSON

/// The files of one model, read with bounds. Paths are given as they are opened.
struct ModelDirectory {
    /// Directory of the model, or of the one file that is given.
    let path: String
    /// Names of the files in it, sorted.
    let names: [String]

    /// Names in one directory: a model's has some dozens, a mixed one may have many.
    private static let maximumNames = 100_000
    /// Bytes of a configuration file. Real ones stay below 100 KB, with thousands of added tokens below 1 MB.
    static let configurationBytes = 64 << 20
    /// Bytes of a chat template's file.
    static let templateBytes = 4 << 20

    /// The directory at `path`; nil when it is none.
    init?(at path: String) throws(TokenizerError) {
        do throws(LocalFiles.Fault) {
            guard let names = try LocalFiles.names(in: path, limit: Self.maximumNames) else { return nil }
            self.path = path
            self.names = names
        } catch {
            throw TokenizerError(.sourceNotFound, "\(path) \(error.explanation)")
        }
    }

    func has(_ name: String) -> Bool { names.contains(name) }

    func filePath(_ name: String) -> String { path.hasSuffix("/") ? path + name : path + "/" + name }

    /// The content of the file `name`; nil when it is not there.
    func read(_ name: String, limit: Int = configurationBytes) throws(TokenizerError) -> [UInt8]? {
        guard has(name) else { return nil }
        return try Self.read(filePath(name), limit: limit)
    }

    /// The content of the file at `path`.
    static func read(_ path: String, limit: Int) throws(TokenizerError) -> [UInt8] {
        do throws(LocalFiles.Fault) { return try LocalFiles.system.read(path, limit) } catch {
            throw TokenizerError(.sourceNotFound, "\(path) \(error.explanation)")
        }
    }
}
