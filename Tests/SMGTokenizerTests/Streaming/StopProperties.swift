import SMGBase
import SMGTokenizer

/// What must hold for every set of stop strings, every text and every way to cut it.
enum StopProperties {
    /// The text of a generation and the place of the string that ended it.
    struct Outcome: Equatable {
        var text: [UInt8]
        var place: Int?
    }

    /// By looking at every place for every string.
    static func naive(_ text: [UInt8], _ hidden: [String], _ visible: [String]) -> Outcome {
        let patterns = (hidden + visible).map { Array($0.utf8) }
        for start in text.indices {
            for (place, pattern) in patterns.enumerated() where text[start...].starts(with: pattern) {
                let end = place < hidden.count ? start : start + pattern.count
                return Outcome(text: Array(text[..<end]), place: place)
            }
        }
        return Outcome(text: text, place: nil)
    }

    /// In pieces; says so when more is held back than may become a stop string.
    static func matched(_ pieces: [String], _ rules: StopRules, _ hidden: [String], _ visible: [String]) -> Outcome? {
        var matcher = StopMatcher()
        var text: [UInt8] = []
        var whole: [UInt8] = []
        for piece in pieces {
            let out = ByteBuffer(Array("kept".utf8))
            let start = out.writerIndex
            out.append(string: piece)
            whole += Array(piece.utf8)
            let place = matcher.take(out, from: start, rules)
            guard out.readable.prefix(4).elementsEqual("kept".utf8) else { return nil }
            text += out.readable.dropFirst(4)
            if let place { return Outcome(text: text, place: place) }
            if whole.count - text.count != expectedHold(whole, (hidden + visible).map { Array($0.utf8) }) { return nil }
        }
        let out = ByteBuffer(capacity: 16)
        let place = matcher.finish(out, rules)
        return Outcome(text: text + out.readable, place: place)
    }

    /// The longest end of `text` that begins a string, or what is from the leftmost whole one on.
    private static func expectedHold(_ text: [UInt8], _ patterns: [[UInt8]]) -> Int {
        for start in text.indices {
            let rest = text[start...]
            if patterns.contains(where: { $0.starts(with: rest) || rest.starts(with: $0) }) { return rest.count }
        }
        return 0
    }

    /// The first property that `input` violates; nil when all hold. Strings, a text and its cuts are made of its bytes.
    static func violation(_ input: [UInt8]) -> String? {
        var input = input[...]
        func number(_ limit: Int) -> Int { Int(input.popFirst() ?? 0) % limit }
        let letters = ["a", "b", "ab", "é", "中", "\u{e9}a", "c"]
        func word(_ longest: Int) -> String {
            (0..<number(longest) + 1).map { _ in letters[number(letters.count)] }.joined()
        }
        let hidden = (0..<number(4)).map { _ in word(5) }
        let visible = (0..<number(4)).map { _ in word(5) }
        let rules: StopRules
        do { rules = try StopRules(hiddenStrings: hidden, visibleStrings: visible) } catch {
            return "refused: \(error)"
        }
        var pieces: [String] = []
        while !input.isEmpty, pieces.count < 64 { pieces.append(number(3) == 0 ? "" : word(4)) }
        let whole = pieces.joined()
        let expected = naive(Array(whole.utf8), hidden, visible)
        for cut in [pieces, [whole], whole.unicodeScalars.map { String($0) }] {
            let outcome = matched(cut, rules, hidden, visible)
            if outcome != expected {
                return "hidden \(hidden) visible \(visible) in \(cut): \(String(describing: outcome)), not \(expected)"
            }
        }
        return nil
    }
}
