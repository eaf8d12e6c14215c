internal import SMGBase

/// One series as the registry keeps it. Immutable, so the scraper may read a copy of the list without the lock.
final class SeriesEntry: Sendable {
    let values: [String]
    /// `a="x",b="y"`, escaped: the sort key and what the scrape writes.
    let text: [UInt8]
    let slot: SeriesSlot
    /// Removed, and waiting to be shown one last time.
    let isLeaving: Bool

    init(values: [String], text: [UInt8], slot: SeriesSlot, isLeaving: Bool = false) {
        self.values = values
        self.text = text
        self.slot = slot
        self.isLeaving = isLeaving
    }
}

/// The fixed part of a family: names, help, kind, and the bytes they are written as.
final class FamilyDescriptor: Sendable {
    let name: String
    let help: String
    let kind: MetricKind
    let labels: [String]
    let maxSeries: Int
    let bytes: FamilyBytes

    init(name: String, help: String, kind: MetricKind, labels: [String], maxSeries: Int) {
        precondition(MetricName.isValid(name, colons: true), "metric name")
        precondition(labels.allSatisfy { MetricName.isValid($0, colons: false) }, "label name")
        precondition(Set(labels).count == labels.count, "label names must differ")
        if case .histogram = kind { precondition(!labels.contains("le"), "le belongs to the buckets") }
        precondition(maxSeries > 0, "a family holds at least one series")
        self.name = name
        self.help = help
        self.kind = kind
        self.labels = labels
        self.maxSeries = maxSeries
        bytes = FamilyBytes(name: name, help: help, kind: kind)
    }

    /// `values` beside their label names, cut and escaped. The caller has checked the count.
    func text(of values: [String]) -> [UInt8] {
        let out = ByteBuffer(capacity: 64)
        for (label, value) in zip(labels, values) {
            if !out.isEmpty { out.append(UInt8(ascii: ",")) }
            out.append(string: label)
            out.append("=\"")
            MetricEscape.appendLabelValue(value, to: out)
            out.append(UInt8(ascii: "\""))
        }
        return Array(out.readable)
    }
}

/// A family and its series, ordered by label text.
struct FamilyState {
    let descriptor: FamilyDescriptor
    private(set) var entries: [SeriesEntry] = []

    init(descriptor: FamilyDescriptor) { self.descriptor = descriptor }

    /// Where the series with this label text is, or where it belongs.
    func position(of text: [UInt8]) -> (index: Int, found: Bool) {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].text.lexicographicallyPrecedes(text) { low = middle + 1 } else { high = middle }
        }
        return (low, low < entries.count && entries[low].text == text)
    }

    mutating func insert(_ entry: SeriesEntry, at index: Int) { entries.insert(entry, at: index) }

    mutating func replace(at index: Int, with entry: SeriesEntry) { entries[index] = entry }

    /// Takes out the entries that `isGone` names and returns them.
    mutating func extract(where isGone: (SeriesEntry) -> Bool) -> [SeriesEntry] {
        let gone = entries.filter(isGone)
        if !gone.isEmpty { entries.removeAll(where: isGone) }
        return gone
    }
}

/// The rules for names in the exposition format.
enum MetricName {
    /// Letters, digits and underscores, not starting with a digit; metric names may hold colons. A label may not
    /// start with two underscores: those are Prometheus' own.
    static func isValid(_ name: String, colons: Bool) -> Bool {
        guard let first = name.utf8.first, !ASCII.isDigit(first) else { return false }
        if !colons && name.hasPrefix("__") { return false }
        return name.utf8.allSatisfy { byte in
            let letter = ASCII.lowercased(byte)
            return ASCII.isDigit(byte) || (letter >= UInt8(ascii: "a") && letter <= UInt8(ascii: "z"))
                || byte == UInt8(ascii: "_") || (colons && byte == UInt8(ascii: ":"))
        }
    }
}
