import Testing

@testable import SMGBase

@Suite struct ByteBufferTests {
    @Test(arguments: [0, 1, 9, 10, 99, 100, 65535, 1 << 40, -1, -987])
    func appendsDecimals(value: Int) {
        let buffer = ByteBuffer(capacity: 1)
        buffer.append(decimal: value)
        #expect(buffer.readableString == String(value))
    }

    @Test(arguments: [0, 1, 15, 16, 255, 256, 0xdead_beef, Int.max])
    func appendsHex(value: Int) {
        let buffer = ByteBuffer(capacity: 1)
        buffer.append(hex: value)
        #expect(buffer.readableString == String(value, radix: 16))
    }

    @Test func growsAndKeepsUnreadBytes() {
        let buffer = ByteBuffer(capacity: 16)
        buffer.append("0123456789")
        buffer.consume(9)
        buffer.append(contentsOf: [UInt8](repeating: 65, count: 100))
        #expect(buffer.readableString == "9" + String(repeating: "A", count: 100))
        buffer.compact()
        #expect(buffer.readerIndex == 0 && buffer.readableCount == 101)
        buffer.consume(101)
        #expect(buffer.isEmpty && buffer.writerIndex == 0)
    }
}

@Suite struct BytesTests {
    @Test func findsBytesAndNeedles() {
        Array("data: [DONE]\n\n".utf8).withUnsafeBytes { bytes in
            #expect(bytes.firstIndex(of: UInt8(ascii: "[")) == 6)
            #expect(bytes.firstIndex(of: UInt8(ascii: "d"), from: 1) == nil)
            #expect(bytes.firstIndex(of: "[DONE]") == 6)
            #expect(bytes.firstIndex(of: "\n\n", from: 13) == nil)
            #expect(bytes.hasPrefix("data: ") && !bytes.hasPrefix("data:x"))
        }
        #expect(UnsafeRawBufferPointer(start: nil, count: 0).firstIndex(of: 1) == nil)
    }

    @Test func comparesSecrets() {
        Array("sk-1".utf8).withUnsafeBytes { a in
            Array("sk-2".utf8).withUnsafeBytes { b in
                #expect(constantTimeEquals(a, a) && !constantTimeEquals(a, b))
            }
        }
        #expect("\(Secret("sk-1")) \(String(reflecting: Secret("sk-1")))" == "[redacted] [redacted]")
    }
}

@Suite struct RandomTests {
    @Test func staysInBoundsAndRepeats() {
        var a = FastRandom(seed: 7)
        var b = FastRandom(seed: 7)
        var seen = Set<Int>()
        for _ in 0..<1000 {
            let value = a.below(5)
            #expect(value == b.below(5))
            seen.insert(value)
        }
        #expect(seen == [0, 1, 2, 3, 4])
    }

    @Test func makesIdentifiers() throws {
        var random = FastRandom(seed: 1)
        let request = Identifier.random(prefix: "chatcmpl-", using: &random)
        #expect(request.wholeMatch(of: /chatcmpl-[A-Za-z0-9]{24}/) != nil)
        let uuid = Identifier.uuid(using: &random)
        #expect(uuid.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil)
    }
}
