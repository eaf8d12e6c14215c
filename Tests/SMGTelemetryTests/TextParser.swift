/// A small reader of the text format, written from its description, to check the writer against.
struct ParsedText {
    struct Sample: Equatable {
        var name: String
        var labels: [String: String]
        var value: Double
    }

    struct Malformed: Error, CustomStringConvertible {
        var description: String
    }

    private(set) var types: [String: String] = [:]
    private(set) var helps: [String: String] = [:]
    private(set) var samples: [Sample] = []

    init(_ text: String) throws {
        guard text.isEmpty || text.hasSuffix("\n") else { throw Malformed(description: "no final line feed") }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            if line.hasPrefix("# ") {
                let parts = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
                guard parts.count == 4 else { throw Malformed(description: String(line)) }
                if parts[1] == "HELP" { helps[parts[2]] = parts[3] }
                if parts[1] == "TYPE" {
                    guard types[parts[2]] == nil else { throw Malformed(description: "second TYPE: \(line)") }
                    types[parts[2]] = parts[3]
                }
            } else {
                samples.append(try Self.sample(Array(line)))
            }
        }
        let keys = samples.map { sample in sample.name + "\(sample.labels.sorted { $0.key < $1.key })" }
        guard Set(keys).count == keys.count else { throw Malformed(description: "a series appears twice") }
    }

    func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        samples.first { $0.name == name && $0.labels == labels }?.value
    }

    private static func sample(_ line: [Character]) throws -> Sample {
        var at = 0
        func take(while test: (Character) -> Bool) -> String {
            let start = at
            while at < line.count, test(line[at]) { at += 1 }
            return String(line[start..<at])
        }
        func expect(_ character: Character) throws {
            guard at < line.count, line[at] == character else {
                throw Malformed(description: "\(character) expected at \(at): \(String(line))")
            }
            at += 1
        }
        let isName: (Character) -> Bool = { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == ":") }
        var sample = Sample(name: take(while: isName), labels: [:], value: 0)
        if at < line.count, line[at] == "{" {
            at += 1
            while at < line.count, line[at] != "}" {
                let label = take(while: isName)
                try expect("=")
                try expect("\"")
                var value = ""
                while at < line.count, line[at] != "\"" {
                    if line[at] == "\\" {
                        at += 1
                        guard at < line.count, let plain = ["n": "\n", "\\": "\\", "\"": "\""][line[at]] else {
                            throw Malformed(description: "escape: \(String(line))")
                        }
                        value += plain
                    } else {
                        value.append(line[at])
                    }
                    at += 1
                }
                try expect("\"")
                sample.labels[label] = value
                if at < line.count, line[at] == "," { at += 1 }
            }
            try expect("}")
        }
        try expect(" ")
        let rest = String(line[at...])
        guard let value = rest == "+Inf" ? .infinity : Double(rest) else { throw Malformed(description: rest) }
        sample.value = value
        return sample
    }
}
