/// The alphabet in which byte-level vocabularies are spelled: every byte is one printable scalar.
///
/// Printable bytes (0x21–0x7E, 0xA1–0xAC, 0xAE–0xFF) stand for themselves, the other 68 for U+0100 and up in order.
package struct ByteAlphabet: Sendable {
    /// The one alphabet there is.
    package static let shared = ByteAlphabet()

    /// Scalar of every byte.
    package let scalars: [UInt16]
    /// Byte + 1 of every scalar below U+0144; 0 for scalars that spell no byte.
    private let bytes: [UInt16]

    private init() {
        var scalars = [UInt16](repeating: 0, count: 256)
        var bytes = [UInt16](repeating: 0, count: 0x144)
        var next: UInt16 = 0x100
        for byte in 0..<256 {
            switch byte {
            case 0x21...0x7e, 0xa1...0xac, 0xae...0xff: scalars[byte] = UInt16(byte)
            default:
                scalars[byte] = next
                next += 1
            }
            bytes[Int(scalars[byte])] = UInt16(byte) + 1
        }
        self.scalars = scalars
        self.bytes = bytes
    }

    /// The byte that `scalar` spells.
    package func byte(of scalar: UInt32) -> UInt8? {
        guard scalar < 0x144, bytes[Int(scalar)] > 0 else { return nil }
        return UInt8(truncatingIfNeeded: bytes[Int(scalar)] - 1)
    }

    /// Writes the bytes that `spelling` (UTF-8) stands for to `out`, which has room for `spelling.count`; nil, with
    /// anything written, when a scalar of it spells no byte.
    package func decode(_ spelling: UnsafeRawBufferPointer, to out: UnsafeMutablePointer<UInt8>) -> Int? {
        var at = 0
        var written = 0
        while at < spelling.count {
            let lead = UInt32(spelling[at])
            var scalar = lead
            at += 1
            if lead >= 0x80 {
                // Two-byte sequences reach U+07FF: all of the alphabet.
                guard lead & 0xe0 == 0xc0, at < spelling.count, spelling[at] & 0xc0 == 0x80 else { return nil }
                scalar = (lead & 0x1f) << 6 | UInt32(spelling[at] & 0x3f)
                guard scalar >= 0x80 else { return nil }
                at += 1
            }
            guard let byte = byte(of: scalar) else { return nil }
            out[written] = byte
            written += 1
        }
        return written
    }

    /// Appends the spelling of `bytes`, at most two bytes for each.
    package func encode(_ bytes: UnsafeRawBufferPointer, into spelling: inout [UInt8]) {
        spelling.reserveCapacity(spelling.count + 2 * bytes.count)
        for byte in bytes {
            let scalar = scalars[Int(byte)]
            if scalar < 0x80 {
                spelling.append(UInt8(truncatingIfNeeded: scalar))
            } else {
                spelling.append(0xc0 | UInt8(truncatingIfNeeded: scalar >> 6))
                spelling.append(0x80 | UInt8(truncatingIfNeeded: scalar & 0x3f))
            }
        }
    }
}
