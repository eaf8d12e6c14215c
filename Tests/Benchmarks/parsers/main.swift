// The cost of the tool-call parsers: `make bench-parsers`. Prints figures; fails only where an answer is not parsed.
// Arguments are the parsers to time; none: all.
import SMGBase
import SMGJSON
import SMGParsers

/// Nanoseconds of the fastest of `rounds` runs of `body`.
func fastest(_ rounds: Int = 7, _ body: () -> Void) -> Double {
    var best = Double.infinity
    for _ in 0..<rounds {
        let start = Instant.now()
        body()
        best = min(best, Double((Instant.now() - start).nanoseconds))
    }
    return best
}

func column(_ value: Double, _ width: Int) -> String {
    let text = String(Int(value.rounded()))
    return String(repeating: " ", count: max(1, width - text.utf8.count)) + text
}

func name(_ text: String) -> String { text + String(repeating: " ", count: max(1, 14 - text.utf8.count)) }

/// Nanoseconds to parse `text`, in pieces of `piece` bytes.
func time(_ text: [UInt8], piece: Int, options: ToolParserOptions, _ entry: ToolParserEntry) -> Double {
    let output = ParserOutput()
    var calls = 0
    let time = fastest {
        let parser = entry.make(options)
        text.withUnsafeBytes { bytes in
            var at = 0
            while at < bytes.count {
                let end = min(at + piece, bytes.count)
                parser.feed(bytes.slice(at..<end), into: output)
                if piece < bytes.count { output.clear() }
                at = end
            }
        }
        parser.finish(into: output)
        output.clear()
        calls = parser.callCount
    }
    precondition(calls == 1, "\(entry.name): \(calls) calls")
    return time
}

let tools = #"[{"name":"f","parameters":{"properties":{"q":{"type":"string"},"a":{"type":"object"}}}}]"#
let options = try Array(tools.utf8).withUnsafeBytes {
    ToolParserOptions(tools: ToolSet(json: try JSONSlice(parsing: $0)))
}

print("                    MB/s whole   ns per 4-byte delta   time of 1 MB / 256 KB, in deltas")
let chosen = CommandLine.arguments.dropFirst()
for sample in Sample.all where chosen.isEmpty || chosen.contains(sample.parser) {
    let entry = ToolParserRegistry.entry(configured: sample.parser, model: "")
    // Below the bound of what a parser may hold, also where it must hold all of the arguments.
    let (small, large) = (sample.answer(size: 250_000), sample.answer(size: 1_000_000))
    let whole = time(large, piece: large.count, options: options, entry)
    let quarter = time(small, piece: 4, options: options, entry)
    let streamed = time(large, piece: 4, options: options, entry)
    let growth = streamed / quarter * Double(small.count) / Double(large.count)
    print(
        name(sample.parser), column(Double(large.count) * 1000 / whole, 12),
        column(streamed / Double(large.count / 4), 18), column(growth * 100, 26), "% of linear")
}

/// A megabyte of text without calls, with what looks like a marker now and then.
let prose = Array(
    String(
        repeating: "Now, the number of cases is small (a < b, say), so [we] look at {each} of them.\n", count: 12_500
    )
    .utf8)
print("\ntext without calls  MB/s whole   ns per 4-byte delta")
for entry in ToolParserRegistry.entries {
    let output = ParserOutput()
    func run(_ piece: Int) -> Double {
        fastest {
            let parser = entry.make(options)
            prose.withUnsafeBytes { bytes in
                for at in stride(from: 0, to: bytes.count, by: piece) {
                    parser.feed(bytes.slice(at..<min(at + piece, bytes.count)), into: output)
                    output.clear()
                }
            }
            parser.finish(into: output)
            output.clear()
            precondition(parser.callCount == 0)
        }
    }
    print(
        name(entry.name), column(Double(prose.count) * 1000 / run(prose.count), 12),
        column(run(4) / Double(prose.count / 4), 18))
}
