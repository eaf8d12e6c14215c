internal import COpenSSL

/// A SHA-256 digest: 32 bytes without an allocation.
package struct SHA256Digest: Hashable, Sendable, CustomStringConvertible {
    /// Digest bytes.
    package static let count = 32

    // The bytes in memory order.
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    /// The digest of `bytes`.
    package init(hashing bytes: UnsafeRawBufferPointer) {
        var length: UInt32 = 0
        let status = withUnsafeMutableBytes(of: &words) {
            EVP_Digest(
                bytes.baseAddress, bytes.count, $0.baseAddress?.assumingMemoryBound(to: UInt8.self), &length,
                Self.algorithm, nil)
        }
        // Fails only without memory or without the default provider; a wrong digest would be worse than a stop.
        precondition(status == 1 && length == Self.count, "SHA-256 is not available")
    }

    /// The digest's bytes, for the time of the call.
    package func withBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R { withUnsafeBytes(of: words, body) }

    package var bytes: [UInt8] { withBytes { Array($0) } }

    /// 64 lower-case hexadecimal digits.
    package var hex: String { withBytes { hexString($0) } }

    package var description: String { hex }

    package static func == (a: SHA256Digest, b: SHA256Digest) -> Bool { a.words == b.words }

    package func hash(into hasher: inout Hasher) { hasher.combine(words.0) }

    /// Fetched once: a look-up by name costs more than hashing a short key. SAFETY: never changed afterwards.
    nonisolated(unsafe) private static let algorithm = EVP_MD_fetch(nil, "SHA256", nil)
}

/// The SHA-256 digest of `bytes`.
package func sha256(_ bytes: UnsafeRawBufferPointer) -> SHA256Digest { SHA256Digest(hashing: bytes) }

/// The SHA-256 digest of the text's UTF-8.
package func sha256(_ text: String) -> SHA256Digest {
    var text = text
    return text.withUTF8 { SHA256Digest(hashing: UnsafeRawBufferPointer($0)) }
}

/// `bytes` in lower-case hexadecimal digits.
package func hexString(_ bytes: UnsafeRawBufferPointer) -> String {
    String(unsafeUninitializedCapacity: bytes.count * 2) { out in
        for (i, byte) in bytes.enumerated() {
            out[2 * i] = hexDigit(byte >> 4)
            out[2 * i + 1] = hexDigit(byte & 15)
        }
        return bytes.count * 2
    }
}

private func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
}
