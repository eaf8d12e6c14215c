package import SMGBase
internal import Synchronization

extension MetricRegistry {
    /// The `Content-Type` of what `writeText` produces.
    package static let textContentType = "text/plain; version=0.0.4; charset=utf-8"

    /// Appends all series in the Prometheus text format 0.0.4: families in order of registration, series ordered by
    /// their labels. Families without series are left out.
    ///
    /// Works on a copy of the lists, so loops are not held up; counts of one series may be a few updates apart from
    /// those of another. Removed series are shown here for the last time.
    package func writeText(to out: ByteBuffer) {
        let (families, blocks) = snapshot()
        var shown: [(family: Int, entry: SeriesEntry)] = []
        for (id, family) in families.enumerated() where !family.entries.isEmpty {
            let bytes = family.descriptor.bytes
            out.append(contentsOf: bytes.header)
            for entry in family.entries {
                if entry.isLeaving { shown.append((id, entry)) }
                write(entry, family.descriptor.kind, bytes, blocks, to: out)
            }
        }
        release(shown)
    }

    private func write(
        _ entry: SeriesEntry, _ kind: MetricKind, _ bytes: FamilyBytes, _ blocks: [MetricBlock<UInt64>],
        to out: ByteBuffer
    ) {
        let index = Int(entry.slot.index)
        switch kind {
        case .counter:
            bytes.start(bytes.name, entry.text, to: out)
            out.append(decimal: Int(truncatingIfNeeded: blocks.sum(at: index)))
        case .level:
            bytes.start(bytes.name, entry.text, to: out)
            out.append(decimal: entry.isLeaving ? 0 : Int(truncatingIfNeeded: blocks.sum(at: index)))
        case .gauge:
            bytes.start(bytes.name, entry.text, to: out)
            let bits = shared.words[index].load(ordering: .relaxed)
            MetricNumber.append(entry.isLeaving ? 0 : Double(bitPattern: bits), to: out)
        case .histogram(let layout):
            bytes.histogram(
                entry.text, HistogramSnapshot(bounds: layout.bounds, at: index, in: blocks), to: out)
        }
        out.append(UInt8(ascii: "\n"))
    }
}

/// The unchanging bytes of a family's lines, made once.
struct FamilyBytes: Sendable {
    let header: [UInt8]
    let name: [UInt8]
    private let bucket: [UInt8]
    private let sum: [UInt8]
    private let count: [UInt8]
    /// `le="0.1"} ` for every bound and +Inf.
    private let bounds: [[UInt8]]

    init(name: String, help: String, kind: MetricKind) {
        let out = ByteBuffer(capacity: 256)
        out.append("# HELP ")
        out.append(string: name)
        out.append(UInt8(ascii: " "))
        MetricEscape.appendHelp(help, to: out)
        out.append("\n# TYPE ")
        out.append(string: name)
        out.append(UInt8(ascii: " "))
        out.append(kind.typeName)
        out.append(UInt8(ascii: "\n"))
        header = Array(out.readable)
        self.name = Array(name.utf8)
        bucket = Array("\(name)_bucket{".utf8)
        sum = Array("\(name)_sum".utf8)
        count = Array("\(name)_count".utf8)
        guard case .histogram(let layout) = kind else {
            bounds = []
            return
        }
        bounds = (layout.bounds + [.infinity]).map { bound in
            out.clear()
            out.append("le=\"")
            MetricNumber.append(bound, to: out)
            out.append("\"} ")
            return Array(out.readable)
        }
    }

    /// Everything of a line up to its value.
    func start(_ name: [UInt8], _ labels: [UInt8], to out: ByteBuffer) {
        out.append(contentsOf: name)
        if !labels.isEmpty {
            out.append(UInt8(ascii: "{"))
            out.append(contentsOf: labels)
            out.append(UInt8(ascii: "}"))
        }
        out.append(UInt8(ascii: " "))
    }

    /// The lines of one histogram series, without the last line feed.
    func histogram(_ labels: [UInt8], _ snapshot: HistogramSnapshot, to out: ByteBuffer) {
        var total: UInt64 = 0
        for (index, bound) in bounds.enumerated() {
            total &+= snapshot.counts[index]
            out.append(contentsOf: bucket)
            if !labels.isEmpty {
                out.append(contentsOf: labels)
                out.append(UInt8(ascii: ","))
            }
            out.append(contentsOf: bound)
            out.append(decimal: Int(truncatingIfNeeded: total))
            out.append(UInt8(ascii: "\n"))
        }
        start(sum, labels, to: out)
        MetricNumber.append(snapshot.sum, to: out)
        out.append(UInt8(ascii: "\n"))
        start(count, labels, to: out)
        out.append(decimal: Int(truncatingIfNeeded: total))
    }
}

/// Numbers as the exposition format writes them.
enum MetricNumber {
    static func append(_ value: Double, to out: ByteBuffer) {
        // Whole numbers without a fraction, as dashboards know their `le` values.
        if let whole = Int(exactly: value), whole.magnitude < 1 << 53 {
            out.append(decimal: whole)
        } else if value.isNaN {
            out.append("NaN")
        } else if value.isInfinite {
            out.append(value > 0 ? "+Inf" : "-Inf")
        } else {
            out.append(string: value.description)
        }
    }
}

/// Escapes of the exposition format.
enum MetricEscape {
    /// Backslash, quote and line feed escaped; cut to `MetricLimits.labelValueBytes` at a character border.
    static func appendLabelValue(_ value: String, to out: ByteBuffer) {
        var text = value
        text.withUTF8 { bytes in
            let end = labelValueEnd(UnsafeRawBufferPointer(bytes))
            for byte in bytes[..<end] { append(byte, quotes: true, to: out) }
        }
    }

    /// How much of a label value is kept.
    static func labelValueEnd(_ bytes: UnsafeRawBufferPointer) -> Int {
        var end = min(bytes.count, MetricLimits.labelValueBytes)
        while end > 0 && end < bytes.count && bytes[end] & 0xc0 == 0x80 { end -= 1 }
        return end
    }

    /// Backslash and line feed escaped.
    static func appendHelp(_ help: String, to out: ByteBuffer) {
        for byte in help.utf8 { append(byte, quotes: false, to: out) }
    }

    private static func append(_ byte: UInt8, quotes: Bool, to out: ByteBuffer) {
        switch byte {
        case UInt8(ascii: "\\"): out.append("\\\\")
        case UInt8(ascii: "\n"): out.append("\\n")
        case UInt8(ascii: "\"") where quotes: out.append("\\\"")
        default: out.append(byte)
        }
    }
}
