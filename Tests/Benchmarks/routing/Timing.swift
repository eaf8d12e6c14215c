import SMGBase

/// Nanoseconds per call of `body`: the best of five rounds of `count` calls, after one to warm up.
func nanoseconds(_ count: Int, _ body: (Int) -> Void) -> Double {
    var best = Double.infinity
    for _ in 0..<6 {
        let start = Instant.now()
        for i in 0..<count { body(i) }
        best = min(best, Double((Instant.now() - start).nanoseconds) / Double(count))
    }
    return best
}

func column(_ text: some CustomStringConvertible, _ width: Int = 14) -> String {
    let text = text.description
    return String(repeating: " ", count: max(1, width - text.utf8.count)) + text
}

func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }

func text(_ length: Int, _ random: inout FastRandom) -> [UInt8] {
    (0..<length).map { _ in UInt8(32 + random.below(90)) }
}
