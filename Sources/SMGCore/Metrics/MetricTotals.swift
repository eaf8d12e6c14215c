internal import SMGBase
internal import SMGTelemetry

/// Counters summed over all their labels, read from the registry's text: no series is made by looking.
struct MetricTotals {
    private var totals: [String: Double] = [:]

    init(_ registry: MetricRegistry) {
        let text = ByteBuffer(capacity: 64 << 10)
        registry.writeText(to: text)
        withExtendedLifetime(text) {
            for line in text.readable.split(separator: UInt8(ascii: "\n")) { add(line) }
        }
    }

    /// The sum of the family `name`; 0 when it has no series.
    subscript(name: String) -> Int { Int(exactly: (totals[name] ?? 0).rounded()) ?? 0 }

    /// Takes `name{labels} value` or `name value`; comments begin with `#`.
    private mutating func add(_ line: Slice<UnsafeRawBufferPointer>) {
        guard line.first != UInt8(ascii: "#"), let space = line.lastIndex(of: UInt8(ascii: " ")) else { return }
        let series = line[..<space]
        let name = series.prefix { $0 != UInt8(ascii: "{") }
        guard let value = Double(String(decoding: line[(space + 1)...], as: UTF8.self)) else { return }
        totals[String(decoding: name, as: UTF8.self), default: 0] += value
    }
}
