import Foundation
import Testing

/// Every input the fuzzers start from, and every one that once failed, through the same properties.
@Suite struct FuzzCorpusTests {
    private func inputs(_ name: String) throws -> [(name: String, bytes: [UInt8])] {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let folder = tests.appendingPathComponent("Fuzz/corpus/\(name)")
        return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .map { ($0.lastPathComponent, Array(try Data(contentsOf: $0))) }
    }

    @Test func http1() throws {
        let inputs = try inputs("http1")
        #expect(inputs.count >= 20)
        for input in inputs {
            let violation = violatedHTTP1Property(input.bytes)
            #expect(violation == nil, "\(input.name)")
        }
    }

    @Test func sse() throws {
        let inputs = try inputs("sse")
        #expect(inputs.count >= 20)
        for input in inputs {
            let violation = violatedSSEProperty(input.bytes)
            #expect(violation == nil, "\(input.name)")
        }
    }
}
