internal import CLinux

/// Reading of configuration files and checking of the files they name. A value, so that tests and fuzzers bring theirs.
package struct LocalFiles: Sendable {
    /// Why a file cannot be used, in words that fit behind its path.
    package struct Fault: Error, Sendable {
        package let explanation: String

        package init(_ explanation: String) { self.explanation = explanation }
    }

    /// The content of the file at a path, at most `limit` bytes; longer files are a fault.
    package let read: @Sendable (_ path: String, _ limit: Int) throws(Fault) -> [UInt8]
    /// Fails unless the path is a file that this process may read.
    package let check: @Sendable (_ path: String) throws(Fault) -> Void

    package init(
        read: @escaping @Sendable (_ path: String, _ limit: Int) throws(Fault) -> [UInt8],
        check: @escaping @Sendable (_ path: String) throws(Fault) -> Void
    ) {
        self.read = read
        self.check = check
    }

    /// The machine's file system.
    package static let system = LocalFiles(
        read: { path, limit throws(Fault) in
            let file = try open(path)
            defer { close(file) }
            return try contents(of: file, limit: limit)
        },
        check: { path throws(Fault) in
            let file = try open(path)
            defer { close(file) }
            // Opening a directory succeeds, reading it fails. No byte is taken: the path may be that of a pipe.
            var byte: UInt8 = 0
            guard CLinux.read(file, &byte, 0) == 0 else { throw fault(clinux_errno()) }
        }
    )

    private static func open(_ path: String) throws(Fault) -> CInt {
        let file = clinux_open_for_reading(path)
        guard file >= 0 else { throw fault(clinux_errno()) }
        return file
    }

    /// Reads to the end instead of asking for the size: pipes have none.
    private static func contents(of file: CInt, limit: Int) throws(Fault) -> [UInt8] {
        var bytes = [UInt8]()
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = CLinux.read(file, &chunk, chunk.count)
            if count == 0 { return bytes }
            if count < 0, clinux_errno() == EINTR { continue }
            guard count > 0 else { throw fault(clinux_errno()) }
            bytes += chunk[..<count]
            guard bytes.count <= limit else { throw Fault("is larger than \(limit) bytes") }
        }
    }

    /// Names of what is in the directory at `path`, sorted, `.` and `..` left out; nil when it is no directory. More than
    /// `limit` names are a fault.
    package static func names(in path: String, limit: Int) throws(Fault) -> [String]? {
        guard let directory = opendir(path) else {
            if clinux_errno() == ENOTDIR { return nil }
            throw fault(clinux_errno())
        }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = clinux_next_name(directory) {
            let name = String(cString: entry)
            if name == "." || name == ".." { continue }
            guard names.count < limit else { throw Fault("holds more than \(limit) files") }
            names.append(name)
        }
        return names.sorted()
    }

    private static func fault(_ code: CInt) -> Fault {
        switch code {
        case ENOENT, ENOTDIR: Fault("does not exist")
        case EACCES, EPERM: Fault("may not be read by this process")
        case EISDIR: Fault("is a directory")
        default: Fault("cannot be read (errno \(code))")
        }
    }
}
