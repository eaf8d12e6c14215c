internal import SMGUnicode

/// A pre-tokenizer written by hand: cuts a text exactly as the regular expression of its family does.
///
/// Every byte of the text is in exactly one piece. Texts are UTF-8; an ill-formed sequence counts as U+FFFD, as it
/// would after a repair, and never traps.
package struct PieceScanner: Hashable, Sendable {
    /// Families of patterns.
    package enum Family: Sendable, CaseIterable {
        /// GPT-2 and what uses `ByteLevel` alone.
        case gpt2
        /// GPT-2's pattern between numbers cut into single digits (StarCoder, SmolLM).
        case gpt2Digits
        /// GPT-4's pattern as tokenizer.json files, Llama 3 and Phi-4 have it.
        case cl100k
        /// GPT-4's pattern as tiktoken has it: white space that ends the text is one piece, line ends or not.
        case cl100kTiktoken
        /// Qwen 2 and 3: like cl100k, every digit alone.
        case qwen2
        /// Qwen 3.5: like qwen2, marks belong to words.
        case qwen35
        /// GPT-4o, gpt-oss, Llama 4.
        case o200k
        /// Mistral's tekken: o200k without contractions, every digit alone.
        case tekken
        /// Kimi K2: o200k with runs of Han apart.
        case kimi
        /// DeepSeek V3 and later: three splits, one after the other.
        case deepSeekV3
        /// No cutting: all of a text is one piece.
        case whole
    }

    package let family: Family

    /// The scanner of `family`.
    package init(_ family: Family) { self.family = family }

    /// The scanner that does not cut.
    package static let whole = PieceScanner(.whole)

    /// Writes to `ends` where pieces end, from the one that begins at `from` on, until the text or the room of
    /// `BytePairScratch.endsCapacity` ends. Returns how many; at least one where `from` is before `count`.
    func scan(
        _ base: UnsafeRawPointer, from: Int, count: Int, into ends: UnsafeMutablePointer<UInt32>
    ) -> Int {
        // Oniguruma and the Rust crates see the same Unicode: one table serves tokenizer.json and tiktoken.
        let text = ScannedText(base: base, count: count, table: .oniguruma)
        switch family {
        case .gpt2: return GPT2Pieces<WholeNumbers>.scan(text, from, ends)
        case .gpt2Digits: return GPT2Pieces<SingleDigits>.scan(text, from, ends)
        case .cl100k: return CL100KPieces<CL100KRules>.scan(text, from, ends)
        case .cl100kTiktoken: return CL100KPieces<CL100KTiktokenRules>.scan(text, from, ends)
        case .qwen2: return CL100KPieces<Qwen2Rules>.scan(text, from, ends)
        case .qwen35: return CL100KPieces<Qwen35Rules>.scan(text, from, ends)
        case .o200k: return O200KPieces<O200KRules>.scan(text, from, ends)
        case .tekken: return O200KPieces<TekkenRules>.scan(text, from, ends)
        case .kimi: return O200KPieces<KimiRules>.scan(text, from, ends)
        case .deepSeekV3: return DeepSeekPieces.scan(text, from, ends)
        case .whole:
            ends[0] = UInt32(truncatingIfNeeded: count)
            return 1
        }
    }

    /// Calls `body` with every piece of `text`, in order.
    package func forEachPiece(_ text: UnsafeRawBufferPointer, _ body: (Range<Int>) -> Void) {
        guard let base = text.baseAddress, text.count <= TokenizerLimits.textBytes else { return }
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: BytePairScratch.endsCapacity) { ends in
            var at = 0
            while at < text.count {
                let found = scan(base, from: at, count: text.count, into: ends.baseAddress!)
                for i in 0..<found {
                    let end = Int(ends[i])
                    body(at..<end)
                    at = end
                }
            }
        }
    }
}

/// One family's way to cut.
protocol PieceRules {
    /// Where the piece that begins at `at`, which is inside the text, ends.
    static func end(_ text: ScannedText, _ at: Int) -> Int
}

extension PieceRules {
    /// The loop around `end`.
    @inline(__always)
    static func scan(_ text: ScannedText, _ from: Int, _ ends: UnsafeMutablePointer<UInt32>) -> Int {
        var at = from
        var found = 0
        while at < text.count, found < BytePairScratch.endsCapacity {
            at = end(text, at)
            ends[found] = UInt32(truncatingIfNeeded: at)
            found &+= 1
        }
        return found
    }
}
