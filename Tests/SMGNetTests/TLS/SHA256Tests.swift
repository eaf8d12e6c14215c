import Testing

@testable import SMGNet

@Suite struct SHA256Tests {
    /// Vectors of FIPS 180-4.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func matchesTheStandard(text: String, digest: String) {
        #expect(sha256(text).hex == digest)
        #expect(Array(text.utf8).withUnsafeBytes { sha256($0) }.bytes.count == SHA256Digest.count)
        #expect(sha256(text) == sha256(text) && sha256(text) != sha256(text + "x"))
    }

    @Test func writesHex() {
        let bytes: [UInt8] = [0x00, 0x0f, 0xa5, 0xff]
        #expect(bytes.withUnsafeBytes { hexString($0) } == "000fa5ff")
    }
}
