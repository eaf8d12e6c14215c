package import SMGBase

/// Changes the case of whole texts. Bytes that are no UTF-8 stay.
///
/// The results are appended to a buffer that does not hold the text.
package enum TextCase {
    /// Every scalar by itself, as the `Lowercase` normalizer does: no rule looks around.
    package static func lowercaseEach(_ text: UnsafeRawBufferPointer, into out: ByteBuffer) {
        lower(text, finalSigma: false, into: out)
    }

    /// Python's `str.lower`: a sigma that ends a word is written ς.
    package static func lower(_ text: UnsafeRawBufferPointer, into out: ByteBuffer) {
        lower(text, finalSigma: true, into: out)
    }

    /// Python's `str.upper`.
    package static func upper(_ text: UnsafeRawBufferPointer, into out: ByteBuffer) {
        walk(text, ascii: 0x61, into: out) { scalar, _ in ScalarCase.upper(scalar) }
    }

    /// Python's `str.title`: title case for letters behind what has no case, lower case for others.
    package static func title(_ text: UnsafeRawBufferPointer, into out: ByteBuffer) {
        var inWord = false
        walk(text, ascii: nil, into: out) { scalar, at in
            defer { inWord = PythonTraits.of(scalar).contains(.cased) }
            return inWord ? lower(scalar, at, text) : ScalarCase.title(scalar)
        }
    }

    /// Python's `str.capitalize`: title case for the first scalar, lower case for others.
    package static func capitalize(_ text: UnsafeRawBufferPointer, into out: ByteBuffer) {
        walk(text, ascii: nil, into: out) { scalar, at in
            at == 0 ? ScalarCase.title(scalar) : lower(scalar, at, text)
        }
    }

    private static func lower(_ text: UnsafeRawBufferPointer, finalSigma: Bool, into out: ByteBuffer) {
        walk(text, ascii: 0x41, into: out) { scalar, at in
            finalSigma ? lower(scalar, at, text) : ScalarCase.lower(scalar)
        }
    }

    // MARK: - The final sigma

    private static let sigma: UInt32 = 0x3a3
    private static let finalSigma: UInt32 = 0x3c2

    private static func lower(_ scalar: UInt32, _ at: Int, _ text: UnsafeRawBufferPointer) -> CaseMapping {
        guard scalar == sigma, let base = text.baseAddress, endsWord(base, at, text.count) else {
            return ScalarCase.lower(scalar)
        }
        return CaseMapping(first: finalSigma, second: 0, third: 0)
    }

    /// Whether a letter with case is before the sigma at `at` and none behind it, marks and the like left out. Linear in
    /// all: a sigma has a case itself, so no two of them look over the same marks from one side.
    private static func endsWord(_ base: UnsafeRawPointer, _ at: Int, _ count: Int) -> Bool {
        var before = at
        var isBehindLetter = false
        while before > 0 {
            before = UTF8Text.previous(base, before: before, from: 0)
            let traits = PythonTraits.of(UTF8Text.decode(base, at: before, count: count).scalar)
            if traits.contains(.caseIgnorable) { continue }
            isBehindLetter = traits.contains(.cased)
            break
        }
        guard isBehindLetter else { return false }
        var behind = at + UTF8Text.width(sigma)
        while behind < count {
            let next = UTF8Text.decode(base, at: behind, count: count)
            let traits = PythonTraits.of(next.scalar)
            if !traits.contains(.caseIgnorable) { return !traits.contains(.cased) }
            behind += next.length
        }
        return true
    }

    // MARK: - Walking

    /// Hands every scalar to `map` with its offset. `ascii` is the first of the 26 letters that `map` moves to the other
    /// case wherever they stand, and says that it leaves other ASCII alone; nil when ASCII is as any other.
    @inline(__always)
    private static func walk(
        _ text: UnsafeRawBufferPointer, ascii: UInt8?, into out: ByteBuffer,
        _ map: (UInt32, Int) -> CaseMapping
    ) {
        guard let base = text.baseAddress else { return }
        let count = text.count
        out.reserve(count)
        var at = 0
        while at < count {
            if let ascii, base.load(fromByteOffset: at, as: UInt8.self) < 0x80 {
                let end = UTF8Text.asciiEnd(base, from: at, count: count)
                flip(base + at, count: end - at, ascii, into: out)
                at = end
                continue
            }
            let next = UTF8Text.decode(base, at: at, count: count)
            let mapping = map(next.scalar, at)
            if mapping.first == next.scalar, mapping.second == 0 {
                out.append(UnsafeRawBufferPointer(start: base + at, count: next.length))
            } else {
                append(mapping, to: out)
            }
            at &+= next.length
        }
    }

    private static func append(_ mapping: CaseMapping, to out: ByteBuffer) {
        append(mapping.first, to: out)
        if mapping.second != 0 { append(mapping.second, to: out) }
        if mapping.third != 0 { append(mapping.third, to: out) }
    }

    private static func append(_ scalar: UInt32, to out: ByteBuffer) {
        out.reserve(4)
        UTF8Text.encode(scalar, to: out.base + out.writerIndex)
        out.commit(UTF8Text.width(scalar))
    }

    /// Appends ASCII with the 26 letters from `first` on in the other case.
    private static func flip(_ base: UnsafeRawPointer, count: Int, _ first: UInt8, into out: ByteBuffer) {
        out.reserve(count)
        let target = out.base + out.writerIndex
        for i in 0..<count {
            let byte = base.load(fromByteOffset: i, as: UInt8.self)
            target.storeBytes(of: byte ^ (byte &- first < 26 ? 0x20 : 0), toByteOffset: i, as: UInt8.self)
        }
        out.commit(count)
    }
}
