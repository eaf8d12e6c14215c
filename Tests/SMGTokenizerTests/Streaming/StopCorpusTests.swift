import Glibc
import Testing

@Suite struct StopCorpusTests {
    @Test func replaysTheCorpus() throws {
        let files = Corpus.files("stops")
        #expect(files.count >= 4)
        for file in files { #expect(StopProperties.violation(file) == nil) }
    }
}

/// The inputs of a fuzz entry, Tests/Fuzz/corpus/NAME.
enum Corpus {
    static func files(_ name: String) -> [[UInt8]] {
        let tests = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let folder = "/\(tests)/Fuzz/corpus/\(name)"
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var found: [[UInt8]] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasPrefix(".") { continue }
            guard let file = fopen("\(folder)/\(name)", "rb") else { continue }
            defer { fclose(file) }
            var piece = [UInt8](repeating: 0, count: 1 << 16)
            found.append(Array(piece[..<fread(&piece, 1, piece.count, file)]))
        }
        return found
    }
}
