import SMGBase
import Testing

@testable import SMGParsers

@Suite struct StreamContractTests {
    private func bytes(_ text: String, _ body: (UnsafeRawBufferPointer) -> Void) {
        Array(text.utf8).withUnsafeBytes(body)
    }

    @Test func charactersAreNeverCut() {
        let text = Array("aé漢🙂 z".utf8)
        #expect(SplitCheck.violation(text) { PassthroughParser() } == nil)
        let parser = PassthroughParser()
        let output = ParserOutput()
        for byte in text {
            withUnsafeBytes(of: byte) { parser.feed($0, into: output) }
            for case .content(let piece) in output.events { #expect(!piece.contains("\u{fffd}")) }
        }
    }

    @Test func anUnfinishedCharacterComesAtTheEnd() {
        #expect(SplitCheck.events([0x61, 0xe6, 0xbc]) { PassthroughParser() } == [.content("a\u{fffd}")])
    }

    @Test func scannerHoldsOnlyWhatMayBecomeAMarker() {
        let scanner = MarkerScanner("<tool>", "<too", "[x")
        bytes("ab <tool>") { #expect(scanner.first(in: $0, last: false) == .marker(index: 0, range: 3..<9)) }
        bytes("ab <tool") { #expect(scanner.first(in: $0, last: false) == .none(safe: 3)) }
        bytes("ab <tool") { #expect(scanner.first(in: $0, last: true) == .marker(index: 1, range: 3..<7)) }
        bytes("ab <toox") { #expect(scanner.first(in: $0, last: false) == .marker(index: 1, range: 3..<7)) }
        bytes("ab <to<") { #expect(scanner.first(in: $0, last: false) == .none(safe: 6)) }
        bytes("ab <to<") { #expect(scanner.first(in: $0, last: true) == .none(safe: 7)) }
        bytes("0123456789012345678[x") {
            #expect(scanner.first(in: $0, last: false) == .marker(index: 2, range: 19..<21))
        }
        bytes("") { #expect(scanner.first(in: $0, last: false) == .none(safe: 0)) }
    }

    @Test func scannerTakesMarkersOfOneByte() {
        let scanner = MarkerScanner("[")
        bytes("a[") { #expect(scanner.first(in: $0, last: false) == .marker(index: 0, range: 1..<2)) }
    }

    @Test func outputMergesNeighbours() {
        let output = ParserOutput(capacity: 1)
        let long = String(repeating: "x", count: 500)
        bytes("a") { output.content($0) }
        bytes(long) { output.content($0) }
        bytes("f") { name in bytes("id") { output.beginCall(0, name: name, id: $0) } }
        bytes("{") { output.arguments(0, $0) }
        bytes("a\n\u{1f}\"\\") { output.argumentsEscaping(0, $0) }
        output.endCall(0, complete: false)
        #expect(
            output.events == [
                .content("a" + long), .toolCall(index: 0, id: "id", name: "f"),
                .toolArguments(index: 0, json: #"{a\n\u001f\"\\"#), .toolCallEnd(index: 0, complete: false),
            ])
        output.clear()
        #expect(output.events.isEmpty)
    }
}
