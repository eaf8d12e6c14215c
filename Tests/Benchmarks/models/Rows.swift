import Glibc
import SMGBase

struct BenchmarkError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// The content of the file at `path`; empty when it cannot be read.
func readFile(_ path: String) -> [UInt8] {
    (try? LocalFiles.system.read(path, 1 << 30)) ?? []
}

/// Runs of bytes, each with its length before it.
struct Rows: Sequence {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func makeIterator() -> AnyIterator<UnsafeRawBufferPointer> {
        // The file lives as long as the process.
        let storage = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count + 1, alignment: 8)
        storage.copyBytes(from: bytes)
        var at = 0
        let total = bytes.count
        return AnyIterator {
            guard at + 4 <= total else { return nil }
            let count = Int(storage.loadUnaligned(fromByteOffset: at, as: UInt32.self))
            guard at + 4 + count <= total else { return nil }
            defer { at += 4 + count }
            return UnsafeRawBufferPointer(rebasing: storage[at + 4..<at + 4 + count])
        }
    }
}

/// Collects rows and writes them to the standard output.
struct RowWriter {
    private let rows = ByteBuffer(capacity: 1 << 16)

    func add(_ bytes: UnsafeRawBufferPointer) {
        withUnsafeBytes(of: UInt32(bytes.count)) { count in rows.append(count) }
        rows.append(bytes)
        if rows.readableCount > 1 << 20 { flush() }
    }

    func flush() {
        while !rows.isEmpty {
            let count = write(1, rows.readable.baseAddress, rows.readableCount)
            guard count > 0 else { exit(1) }
            rows.consume(count)
        }
    }
}
