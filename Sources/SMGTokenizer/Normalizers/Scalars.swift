internal import SMGBase

/// Single scalars of text.
enum Scalars {
    /// The scalar that begins at `at`, which is inside the text, and the bytes it takes there.
    @inline(__always)
    static func at(_ text: UnsafeRawBufferPointer, _ at: Int) -> UTF8Text.Decoded {
        let lead = text[at]
        if lead < 0x80 { return UTF8Text.Decoded(scalar: UInt32(lead), length: 1) }
        return UTF8Text.decode(text.baseAddress!, at: at, count: text.count)
    }

    /// The scalar that ends before `end`, which is not 0.
    static func before(_ text: UnsafeRawBufferPointer, _ end: Int) -> UInt32 {
        at(text, start(text, before: end)).scalar
    }

    /// Where the scalar that ends before `end`, which is not 0, begins.
    static func start(_ text: UnsafeRawBufferPointer, before end: Int) -> Int {
        UTF8Text.previous(text.baseAddress!, before: end, from: 0)
    }
}

/// White space as Unicode's White_Space property has it: what Rust's `char::is_whitespace` and `\s` mean.
enum WhiteSpace {
    @inline(__always)
    static func contains(_ scalar: UInt32) -> Bool {
        if scalar < 0x80 { return scalar == 0x20 || scalar &- 9 < 5 }
        switch scalar {
        case 0x85, 0xa0, 0x1680, 0x2000...0x200a, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000: return true
        default: return false
        }
    }

    /// Where the white space that ends at `end` begins, not before `low`; `low` when `end` is not behind it.
    static func start(of text: UnsafeRawBufferPointer, before end: Int, from low: Int = 0) -> Int {
        var at = max(end, low)
        while at > low {
            let start = Scalars.start(text, before: at)
            guard contains(Scalars.at(text, start).scalar) else { break }
            at = start
        }
        return at
    }

    /// Where the white space that begins at `start` ends.
    static func end(of text: UnsafeRawBufferPointer, from start: Int) -> Int {
        var at = start
        while at < text.count {
            let decoded = Scalars.at(text, at)
            guard contains(decoded.scalar) else { break }
            at += decoded.length
        }
        return at
    }
}
