import SMGBase
import SMGUnicode
import Testing

@Suite struct GraphemeCursorTests {
    @Test func textsAreAsTheReferenceHasThem() {
        let lines = UnicodeFixture.lines("graphemes.txt")
        #expect(lines.count > 250)
        #expect(GraphemeLines.violations(lines).isEmpty)
    }

    @Test(arguments: [
        ("", []), ("ab", [1, 1]), ("\r\n\n\r", [2, 1, 1]), ("e\u{301}x", [3, 1]), ("각\u{11a8}", [3 + 3]),
        ("👨‍👩‍👧‍👦", [25]), ("🇩🇪🇫🇷🇪", [8, 8, 4]), ("👍🏽a", [8, 1]), ("क्त", [9]), ("\u{600}1", [3]),
        ("©\u{200d}®", [7]), ("a\u{200d}®", [4, 2]),
    ])
    func knownClusters(text: String, lengths: [Int]) {
        #expect(GraphemeLines.clusters(Array(text.utf8)).map(\.count) == lengths)
    }

    @Test func bytesThatAreNoTextAreAlone() {
        let bytes: [UInt8] = [0x61, 0xff, 0xcc, 0x81, 0xe4, 0xbd, 0xcc, 0x81, 0xef, 0xbf, 0xbd, 0xcc, 0x81]
        #expect(GraphemeLines.clusters(bytes).map(\.count) == [1, 1, 2, 2, 2, 5])
    }
}

/// Lines of a text and the lengths of its clusters in scalars.
enum GraphemeLines {
    static func clusters(_ text: [UInt8]) -> [Range<Int>] {
        text.withUnsafeBytes { text in
            var cursor = GraphemeCursor(text)
            var found: [Range<Int>] = []
            while let cluster = cursor.next() { found.append(cluster) }
            return found
        }
    }

    static func violations(_ lines: [Substring]) -> [String] {
        var found: [String] = []
        for line in lines {
            let fields = line.utf8.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false).map(
                Array.init)
            guard fields.count == 2 else {
                found.append("malformed line: \(line)")
                continue
            }
            let lengths = clusters(fields[0]).map { cluster in
                String(decoding: fields[0][cluster], as: UTF8.self).unicodeScalars.count
            }
            let ours = lengths.map(String.init).joined(separator: " ")
            let theirs = String(decoding: fields[1], as: UTF8.self)
            if ours != theirs { found.append("\(NormalizationLines.scalars(fields[0])): \(ours), not \(theirs)") }
        }
        return found
    }
}
