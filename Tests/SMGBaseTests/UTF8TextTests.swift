import SMGBase
import Testing

@Suite struct UTF8TextTests {
    /// One to four of these bytes, which stand for all kinds of bytes.
    private static let kinds: [UInt8] = [
        0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xed, 0xef, 0xf0,
        0xf1,
        0xf4, 0xf5, 0xff,
    ]

    /// Says of which texts `holds` is false.
    private static func expect(_ holds: ([UInt8]) -> Bool) {
        forEachText { if !holds($0) { Issue.record("\($0)") } }
    }

    private static func forEachText(_ body: ([UInt8]) -> Void) {
        for a in kinds {
            body([a])
            for b in kinds {
                body([a, b])
                for c in kinds {
                    body([a, b, c])
                    for d in kinds where a >= 0xe0 && b >= 0x80 { body([a, b, c, d]) }
                }
            }
        }
    }

    /// The scalars of a text as the standard library repairs it.
    private static func repaired(_ bytes: [UInt8]) -> [UInt32] {
        String(decoding: bytes, as: UTF8.self).unicodeScalars.map(\.value)
    }

    private static func decoded(_ bytes: [UInt8]) -> [UInt32] {
        bytes.withUnsafeBytes { bytes in
            var scalars: [UInt32] = []
            var at = 0
            while at < bytes.count {
                let next = UTF8Text.decode(bytes.baseAddress!, at: at, count: bytes.count)
                scalars.append(next.scalar)
                at += next.length
            }
            return scalars
        }
    }

    @Test func decodesAndRepairsAsTheStandardLibrary() {
        Self.expect { Self.decoded($0) == Self.repaired($0) }
    }

    @Test func everyScalarThereAndBack() {
        var bytes = [UInt8](repeating: 0, count: 4)
        for value in 0..<UInt32(0x110000) {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let width = UTF8Text.width(value)
            bytes.withUnsafeMutableBytes { UTF8Text.encode(value, to: $0.baseAddress!) }
            let next = bytes.withUnsafeBytes { UTF8Text.decode($0.baseAddress!, at: 0, count: width) }
            if next.scalar != value || next.length != width || width != Unicode.UTF8.width(scalar) {
                Issue.record("U+\(String(value, radix: 16))")
            }
        }
    }

    @Test func wellFormedEndIsTheFirstFault() {
        Self.expect { bytes in
            let padded = [UInt8](repeating: 0x61, count: 70) + bytes
            let end = padded.withUnsafeBytes { UTF8Text.wellFormedEnd($0.baseAddress!, from: 3, count: $0.count) }
            // The longest prefix that repair leaves as it is and that is not cut in a character.
            let expected = (0...bytes.count).last {
                Array(String(decoding: bytes[..<$0], as: UTF8.self).utf8) == Array(bytes[..<$0])
            }!
            return end == 70 + expected
        }
    }

    @Test func incompleteTailIsWhatMoreBytesCouldComplete() {
        // The proper starts of all characters; those of 64 in a row differ in the last byte only.
        var starts: Set<[UInt8]> = []
        for value in stride(from: UInt32(0x80), to: 0x110000, by: 64) {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let bytes = Array(String(scalar).utf8)
            for length in 1..<bytes.count { starts.insert(Array(bytes[..<length])) }
        }
        Self.expect { bytes in
            let tail = bytes.withUnsafeBytes { UTF8Text.incompleteTail($0) }
            let expected = (1...3).first { $0 <= bytes.count && starts.contains(Array(bytes.suffix($0))) } ?? 0
            return tail == expected
        }
    }

    @Test(arguments: 0..<200)
    func asciiEndIsTheFirstHighByte(place: Int) {
        var bytes = [UInt8](repeating: 0x7f, count: 200)
        bytes[place] = 0x80
        for start in [0, 1, 7, 63, 64, 65] {
            let end = bytes.withUnsafeBytes { UTF8Text.asciiEnd($0.baseAddress!, from: start, count: $0.count) }
            #expect(end == (place >= start ? place : 200))
            let none = bytes.withUnsafeBytes { UTF8Text.asciiEnd($0.baseAddress!, from: start, count: place) }
            #expect(none == max(start, place))
        }
    }

    @Test func previousStepsBackOverOneCharacter() {
        let bytes = Array("aé中😀".utf8)
        bytes.withUnsafeBytes { bytes in
            var ends: [Int] = []
            var at = bytes.count
            while at > 0 {
                at = UTF8Text.previous(bytes.baseAddress!, before: at, from: 0)
                ends.append(at)
            }
            #expect(ends == [6, 3, 1, 0])
        }
    }
}
