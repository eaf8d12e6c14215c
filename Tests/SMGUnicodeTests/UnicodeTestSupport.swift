import Glibc
import Testing

/// Files of Tests/Fixtures/unicode, written by scripts/gen-unicode from the reference libraries.
enum UnicodeFixture {
    /// The file's bytes; none when it cannot be read, which the tests' counts notice.
    static func bytes(_ name: String) -> [UInt8] {
        let folder = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
        guard let file = fopen("/\(folder)/Fixtures/unicode/\(name)", "rb") else { return [] }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&piece, 1, piece.count, file), count > 0 { bytes += piece[..<count] }
        return bytes
    }

    static func lines(_ name: String) -> [Substring] {
        // By bytes: what stands beside a line end may make one character with it.
        bytes(name).split(separator: UInt8(ascii: "\n")).map { Substring(decoding: $0, as: UTF8.self) }
    }

    /// The reference's digest of a property, from digests.txt; empty when there is none.
    static func digest(_ property: String) -> String {
        lines("digests.txt").first { $0.hasPrefix("\(property) ") }.map { String($0.dropFirst(property.count + 1)) }
            ?? ""
    }
}

/// FNV-1a with 64 bits, as scripts/unicode/digests.py writes it.
struct Digest {
    private var state: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ byte: UInt8) { state = (state ^ UInt64(byte)) &* 0x100_0000_01b3 }

    var text: String {
        let digits = String(state, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// Of one byte for every number below 0x110000.
    static func ofAllScalars(_ value: (UInt32) -> UInt8) -> String {
        var digest = Digest()
        for scalar in 0..<UInt32(0x110000) { digest.add(value(scalar)) }
        return digest.text
    }
}
