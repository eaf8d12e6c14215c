/// "Did you mean": the known name nearest to a mistyped one.
enum Suggestion {
    /// Names longer than this are not compared: no option is that long, and the comparison is quadratic.
    static let maximumLength = 64

    /// `name` in the table's spelling: lower case, dashes for underscores.
    static func folded(_ name: String) -> String {
        String(
            decoding: name.utf8.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: "-") : ASCII.lowercased($0) },
            as: UTF8.self)
    }

    /// The candidate with the fewest edits to `name`, if it is near enough to be a likely slip; ties go to the first.
    static func closest(to name: String, among candidates: [String]) -> String? {
        guard name.utf8.count > 1, name.utf8.count <= maximumLength else { return nil }
        let allowed = max(1, name.utf8.count / 4)
        var best: (name: String, distance: Int)?
        for candidate in candidates where candidate.utf8.count > 1 {
            let distance = edits(from: Array(name.utf8), to: Array(candidate.utf8))
            if distance <= allowed, distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        if let best { return best.name }
        // A name cut short or carried on is no slip of a key, but just as easy to guess.
        let longer = candidates.filter { name.utf8.count > 3 && ($0.hasPrefix(name) || name.hasPrefix($0 + "-")) }
        return longer.min { $0.utf8.count < $1.utf8.count }
    }

    /// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`.
    static func edits(from a: [UInt8], to b: [UInt8]) -> Int {
        var beforeLast = [Int](repeating: 0, count: b.count + 1)
        var last = Array(0...b.count)
        for i in 0..<a.count {
            var row = [Int](repeating: i + 1, count: b.count + 1)
            for j in 0..<b.count {
                var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, beforeLast[j - 1] + 1) }
                row[j + 1] = cost
            }
            beforeLast = last
            last = row
        }
        return last[b.count]
    }
}

/// Input repeated in an error: one line, bounded, without control characters.
package enum Shown {
    /// `text` between single quotes.
    package static func value(_ text: String) -> String { "'\(clean(text))'" }

    /// A name the user wrote.
    package static func name(_ text: String) -> String { clean(text) }

    private static func clean(_ text: String) -> String {
        var out = ""
        var count = 0
        for scalar in text.unicodeScalars {
            guard count < OptionLimits.shownCharacters else { return out + "…" }
            count += 1
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
                out += "\\u{\(String(scalar.value, radix: 16))}"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}
