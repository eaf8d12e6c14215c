import Foundation
import SMGJSON
import Testing

@Suite struct JSONCorpusTests {
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fuzz/corpus/json")

    private static let files =
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()

    @Test func corpusIsThere() {
        #expect(Self.files.count >= 20)
    }

    @Test(arguments: files)
    func replays(file: String) throws {
        let data = try Data(contentsOf: Self.folder.appendingPathComponent(file))
        withBytes([UInt8](data)) { #expect(JSONProperties.violation($0) == nil) }
    }
}
