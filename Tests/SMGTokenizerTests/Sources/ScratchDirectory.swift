import Glibc

/// A directory that goes away with its owner.
final class ScratchDirectory {
    let path: String
    private var names: [String] = []

    init() {
        var template = Array("/tmp/smg-tokenizer-XXXXXX".utf8CString)
        path = mkdtemp(&template).map { String(cString: $0) } ?? "/nowhere"
    }

    /// Writes the file `name`; returns its path.
    @discardableResult
    func write(_ name: String, _ bytes: some Collection<UInt8>) -> String {
        let file = fopen("\(path)/\(name)", "w")
        let bytes = Array(bytes)
        _ = bytes.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, file) }
        fclose(file)
        names.append(name)
        return "\(path)/\(name)"
    }

    @discardableResult
    func write(_ name: String, _ text: String) -> String { write(name, Array(text.utf8)) }

    deinit {
        for name in names { unlink("\(path)/\(name)") }
        rmdir(path)
    }
}
