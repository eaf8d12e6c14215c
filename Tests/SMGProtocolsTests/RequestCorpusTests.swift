import Foundation
import SMGProtocols
import Testing

@Suite struct RequestCorpusTests {
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fuzz/corpus/json")

    private static let files =
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()

    @Test(arguments: files)
    func replays(file: String) throws {
        let data = try Data(contentsOf: Self.folder.appendingPathComponent(file))
        [UInt8](data).withUnsafeBytes { #expect(RequestProperties.violation($0) == nil) }
    }
}
