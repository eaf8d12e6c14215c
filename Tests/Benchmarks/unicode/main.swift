// Speed of what tokenizers ask of SMGUnicode on every text: SMG_ONLY=UnicodeBenchmark swift run -c release
import SMGBase
import SMGUnicode

/// 1 MiB or a little more of `text`, again and again.
func repeated(_ text: String) -> [UInt8] {
    let unit = Array(text.utf8)
    return (0...(1 << 20) / unit.count).flatMap { _ in unit }
}

/// The best of some runs, as bytes per second.
func measure(_ name: String, _ bytes: [UInt8], _ body: (UnsafeRawBufferPointer) -> Void) {
    var best = Int64.max
    for _ in 0..<15 {
        let start = Instant.now()
        bytes.withUnsafeBytes(body)
        best = min(best, (Instant.now() - start).nanoseconds)
    }
    let rate = Int64(bytes.count) * 1000 / max(best, 1)
    let padding = String(repeating: " ", count: max(1, 34 - name.count))
    print("\(name)\(padding)\(rate) MB/s")
}

let texts: [(String, [UInt8])] = [
    ("ascii", repeated("The quick brown fox jumps over the lazy dog. ")),
    ("latin", repeated("Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich. ")),
    ("chinese", repeated("机器学习模型的推理网关需要高效地处理各种语言的文本。")),
    ("japanese", repeated("がぎぐげご、プログラミング言語の文字列処理は難しい。")),
    ("korean", repeated("한국어 문장을 정규화하는 것은 쉽지 않습니다. ")),
    ("russian", repeated("Съешь же ещё этих мягких французских булок. ")),
    ("hindi", repeated("हिन्दी में लिखा हुआ पाठ भी तेज़ होना चाहिए। ")),
    (
        "vietnamese, decomposed",
        repeated("Tie\u{302}\u{301}ng Vie\u{323}\u{302}t co\u{301} nhie\u{302}\u{300}u da\u{302}\u{301}u. ")
    ),
    ("emoji", repeated("😀👍🏽👨‍👩‍👧‍👦🇩🇪 ")),
]
let out = ByteBuffer(capacity: 4 << 20)
for (name, bytes) in texts {
    for (form, label) in [(NormalizationForm.nfc, "nfc"), (.nfd, "nfd"), (.nfkc, "nfkc")] {
        let normalizer = Normalizer(form)
        measure("\(label) \(name)", bytes) {
            out.clear()
            _ = normalizer.normalize($0, into: out)
        }
    }
}
