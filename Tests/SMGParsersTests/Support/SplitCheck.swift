import SMGBase
import SMGParsers

/// Feeds texts to parsers, whole and in pieces.
enum SplitCheck {
    /// The events of `text`, fed in pieces that end at `cuts` (ascending), neighbouring pieces of one kind joined.
    static func events(
        _ text: [UInt8], cuts: [Int] = [], _ make: () -> StreamParser
    ) -> [ParserEvent] {
        let parser = make()
        // A small output, cleared after each piece, as a stream's caller does it.
        let output = ParserOutput(capacity: 64)
        var events: [ParserEvent] = []
        text.withUnsafeBytes { bytes in
            var start = 0
            for cut in cuts + [text.count] {
                parser.feed(bytes.slice(start..<cut), into: output)
                events += output.events
                output.clear()
                start = cut
            }
        }
        parser.finish(into: output)
        return merged(events + output.events)
    }

    /// The first split whose events differ from those of the whole text; nil when there is none. Tries every single
    /// cut, byte by byte, and `random` times a handful of cuts.
    static func violation(_ text: [UInt8], random: Int = 20, _ make: () -> StreamParser) -> String? {
        let whole = events(text, make)
        func differs(_ cuts: [Int]) -> String? {
            let found = events(text, cuts: cuts, make)
            return found == whole ? nil : "cut at \(cuts): \(found)\nwhole: \(whole)"
        }
        for cut in 0...text.count {
            if let difference = differs([cut]) { return difference }
        }
        if let difference = differs(Array(0..<text.count)) { return difference }
        var generator = FastRandom(seed: UInt64(text.count))
        for _ in 0..<random {
            let cuts = (0..<(2 + generator.below(6))).map { _ in generator.below(text.count + 1) }
            if let difference = differs(cuts.sorted()) { return difference }
        }
        return nil
    }

    /// Joins neighbouring pieces of one kind.
    static func merged(_ events: [ParserEvent]) -> [ParserEvent] {
        var result: [ParserEvent] = []
        for event in events {
            switch (result.last, event) {
            case (.content(let a), .content(let b)): result[result.count - 1] = .content(a + b)
            case (.reasoning(let a), .reasoning(let b)): result[result.count - 1] = .reasoning(a + b)
            case (.toolArguments(let i, let a), .toolArguments(let j, let b)) where i == j:
                result[result.count - 1] = .toolArguments(index: i, json: a + b)
            default: result.append(event)
            }
        }
        return result
    }
}
