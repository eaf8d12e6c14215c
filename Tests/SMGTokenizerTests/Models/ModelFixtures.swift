import SMGBase
import Testing

@testable import SMGTokenizer

/// What scripts/gen_models_fixtures.py made with the reference libraries: rows of bytes with their lengths before them.
enum ModelFixtures {
    static func bytes(_ name: String) throws -> [UInt8] {
        let folder = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        return try LocalFiles.system.read("/\(folder)/Fixtures/tokenizers/models/\(name)", 1 << 24)
    }

    static func rows(_ name: String) throws -> [[UInt8]] {
        let bytes = try bytes(name)
        var rows: [[UInt8]] = []
        var at = 0
        while at < bytes.count {
            let count = bytes.withUnsafeBytes { Int($0.loadUnaligned(fromByteOffset: at, as: UInt32.self)) }
            rows.append(Array(bytes[at + 4..<at + 4 + count]))
            at += 4 + count
        }
        return rows
    }

    /// Rows of 32-bit numbers.
    static func ids(_ name: String) throws -> [[UInt32]] { try rows(name).map(numbers) }

    static func numbers(_ bytes: [UInt8]) -> [UInt32] {
        bytes.withUnsafeBytes { bytes in
            (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self) }
        }
    }

    static func unigram(_ name: String) throws -> UnigramModel {
        let rows = try rows(name)
        var builder = UnigramModel.Builder()
        for row in rows.dropFirst() {
            try row.withUnsafeBytes { bytes in
                try builder.add(
                    UnsafeRawBufferPointer(rebasing: bytes[8...]), score: bytes.loadUnaligned(as: Double.self))
            }
        }
        return try builder.build(unknownID: numbers(rows[0])[0], byteFallback: rows[0][4] != 0)
    }

    static func vocabulary(_ rows: ArraySlice<[UInt8]>) throws -> Vocabulary {
        var builder = Vocabulary.Builder()
        for row in rows {
            try row.withUnsafeBytes { bytes in
                try builder.add(UnsafeRawBufferPointer(rebasing: bytes[4...]), id: bytes.loadUnaligned(as: UInt32.self))
            }
        }
        return Vocabulary(builder)
    }
}

/// `body` for every word of `text` between spaces.
func eachWord(_ text: [UInt8], _ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
    for word in text.split(separator: 0x20) { try Array(word).withUnsafeBytes { try body($0) } }
}
