internal import SMGBase
internal import SMGJSON

/// Decodes the inside of a JSON string that comes in pieces, with what it has left of an escape in between.
struct JSONUnwrapper: Sendable {
    private enum State: Sendable { case plain, escape, unicode }

    private var state = State.plain
    private var digits = 0
    private var unit: UInt32 = 0
    /// The first half of a surrogate pair whose second has not come, or 0.
    private var high: UInt32 = 0

    /// Decodes `bytes`, a piece of a valid JSON string without its quotes, and hands the text on in runs.
    mutating func decode(_ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) {
        var at = 0
        while at < bytes.count {
            if state == .plain {
                let end = bytes.firstIndex(of: UInt8(ascii: "\\"), from: at) ?? bytes.count
                if end > at {
                    flushHigh(body)
                    body(bytes.slice(at..<end))
                }
                at = end
                if at < bytes.count { state = .escape }
            } else {
                escaped(bytes[at], body)
            }
            at += 1
        }
    }

    /// The string has ended.
    mutating func finish(_ body: (UnsafeRawBufferPointer) -> Void) { flushHigh(body) }

    private mutating func escaped(_ byte: UInt8, _ body: (UnsafeRawBufferPointer) -> Void) {
        if state == .unicode {
            unit = unit << 4 | UInt32(ASCII.hexValue(byte) ?? 0)
            digits += 1
            if digits == 4 {
                state = .plain
                endUnit(body)
            }
            return
        }
        if byte == UInt8(ascii: "u") {
            state = .unicode
            digits = 0
            unit = 0
            return
        }
        state = .plain
        flushHigh(body)
        let decoded: UInt8 =
            switch byte {
            case UInt8(ascii: "b"): 0x08
            case UInt8(ascii: "f"): 0x0c
            case UInt8(ascii: "n"): 0x0a
            case UInt8(ascii: "r"): 0x0d
            case UInt8(ascii: "t"): 0x09
            default: byte
            }
        withUnsafeBytes(of: decoded, body)
    }

    /// A whole `\uXXXX` has come: a character, or half of one.
    private mutating func endUnit(_ body: (UnsafeRawBufferPointer) -> Void) {
        if high != 0, unit & 0xfc00 == 0xdc00 {
            let pair = 0x10000 + (high & 0x3ff) << 10 + unit & 0x3ff
            high = 0
            return emit(pair, body)
        }
        flushHigh(body)
        if unit & 0xfc00 == 0xd800 {
            high = unit
        } else {
            emit(unit, body)
        }
    }

    /// Half a pair that stays alone is U+FFFD.
    private mutating func flushHigh(_ body: (UnsafeRawBufferPointer) -> Void) {
        guard high != 0 else { return }
        high = 0
        emit(0xfffd, body)
    }

    private func emit(_ value: UInt32, _ body: (UnsafeRawBufferPointer) -> Void) {
        let scalar = Unicode.Scalar(value) ?? "\u{fffd}"
        var encoded = scalar.utf8CodeUnits
        encoded.withBytes(body)
    }
}

extension Unicode.Scalar {
    fileprivate var utf8CodeUnits: EncodedScalar { EncodedScalar(self) }
}

/// One character in UTF-8.
private struct EncodedScalar {
    private var bytes: InlineArray<4, UInt8> = .init(repeating: 0)
    private var count = 0

    init(_ scalar: Unicode.Scalar) {
        for byte in UTF8.encode(scalar).unsafelyUnwrapped {
            bytes[count] = byte
            count += 1
        }
    }

    mutating func withBytes(_ body: (UnsafeRawBufferPointer) -> Void) {
        withUnsafeBytes(of: bytes) { body(UnsafeRawBufferPointer(rebasing: $0[0..<count])) }
    }
}
