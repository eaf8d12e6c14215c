import SMGBase
import SMGParsers

/// What must hold for any tokens whatsoever. Checked over the fuzzing corpus in every test run, and by the fuzzer.
enum HarmonyProperties {
    /// One event, its text as bytes.
    struct Step: Equatable {
        var kind: ParserOutput.Record.Kind
        var index: Int
        var bytes: [UInt8]
    }

    /// A token: nil for text.
    private typealias Token = (special: HarmonyToken?, bytes: [UInt8])

    /// The first property `input` violates; nil when all hold. Its first byte says whether there are stop strings; of
    /// the others 1 to 7 are formatting tokens, those above are text.
    static func violation(_ input: [UInt8]) -> String? {
        guard let first = input.first else { return nil }
        let stops = first & 1 == 1 ? ["ab", "\n", "b世"] : []
        var tokens: [Token] = []
        for byte in input.dropFirst() {
            if 1...7 ~= byte, let special = HarmonyToken(rawValue: byte - 1) {
                tokens.append((special, Array(special.spelling.description.utf8)))
            } else if let last = tokens.last, last.special == nil {
                tokens[tokens.count - 1].bytes.append(byte)
            } else {
                tokens.append((nil, [byte]))
            }
        }
        let whole = steps(tokens, stops)
        let split = tokens.flatMap { token in token.special == nil ? token.bytes.map { (nil, [$0]) } : [token] }
        if steps(split, stops) != whole { return "byte by byte differs" }
        if let fault = disorder(whole) { return fault }
        if stops.isEmpty, tokens.allSatisfy({ $0.special == nil }), whole.flatMap(\.bytes) != tokens.flatMap(\.bytes) {
            // A lone recipient is a header that nothing follows.
            if !String(decoding: input.dropFirst(), as: UTF8.self).contains("to=") { return "text is lost" }
        }
        return nil
    }

    private static func steps(_ tokens: [Token], _ stops: [String]) -> [Step] {
        let parser = HarmonyParser(stops: stops)
        let output = ParserOutput(capacity: 64)
        var steps: [Step] = []
        func collect() {
            for record in output.records {
                let step = Step(kind: record.kind, index: record.index, bytes: Array(output.text(record)))
                let isText = [.content, .reasoning, .arguments].contains(step.kind)
                if isText, let last = steps.last, last.kind == step.kind, last.index == step.index {
                    steps[steps.count - 1].bytes += step.bytes
                } else {
                    steps.append(step)
                }
            }
            output.clear()
        }
        for token in tokens {
            let id = token.special.map { HarmonyTokens.gptOss.id($0) } ?? 1
            token.bytes.withUnsafeBytes { parser.process(id, $0, into: output) }
            collect()
        }
        parser.finish(into: output)
        collect()
        return steps
    }

    /// Calls are numbered in their order, have their arguments inside them, and end once, before the next begins.
    private static func disorder(_ steps: [Step]) -> String? {
        var next = 0
        var open: Int?
        for step in steps {
            switch step.kind {
            case .callBegin:
                guard open == nil, step.index == next else { return "a call out of order" }
                open = next
                next += 1
            case .arguments: if open != step.index { return "arguments outside their call" }
            case .callComplete, .callIncomplete:
                guard open == step.index else { return "the end of a call that is not open" }
                open = nil
            case .content, .reasoning: if open != nil { return "text inside a call" }
            }
        }
        return open == nil ? nil : "a call without an end"
    }
}
