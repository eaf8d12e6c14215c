import SMGBase
import SMGUnicode

extension Normalizer {
    /// All of the text in the form, copied or not.
    func normalized(_ text: [UInt8]) -> [UInt8] {
        let out = ByteBuffer(capacity: 64)
        return text.withUnsafeBytes { normalize($0, into: out) } ? Array(out.readable) : text
    }
}

/// Lines of a text and its forms C, D, KC and KD, as the reference made them.
enum NormalizationLines {
    /// What differs, with the scalars of the text.
    static func violations(_ lines: [Substring]) -> [String] {
        var found: [String] = []
        for line in lines {
            // By bytes: to Swift, texts that differ in their form only are equal.
            let fields = line.utf8.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false).map(
                Array.init)
            guard fields.count == 5 else {
                found.append("malformed line: \(line)")
                continue
            }
            for (index, (name, form)) in NormalizerTests.forms.enumerated() {
                let ours = Normalizer(form).normalized(fields[0])
                guard ours != fields[index + 1] else { continue }
                found.append("\(name) of \(scalars(fields[0])): \(scalars(ours)), not \(scalars(fields[index + 1]))")
            }
        }
        return found
    }

    static func scalars(_ text: [UInt8]) -> String {
        String(decoding: text, as: UTF8.self).unicodeScalars.map { String($0.value, radix: 16) }.joined(separator: " ")
    }
}
