package import SMGBase

/// A W3C trace context: which trace a request belongs to and which span is its parent.
///
/// Reading accepts version 00 exactly and newer versions by the part they share with it, as the recommendation asks.
/// A sender's `tracestate` may only be used when its `traceparent` was accepted.
package struct TraceContext: Hashable, Sendable {
    /// The two halves of the trace id; never both 0.
    package let traceHigh: UInt64
    package let traceLow: UInt64
    /// The span id; never 0.
    package let spanID: UInt64
    package let flags: Flags

    /// The flag bits that are defined.
    package struct Flags: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// The sender may have recorded this trace.
        package static let sampled = Flags(rawValue: 1)
        /// The lower 56 bits of the trace id are random.
        package static let random = Flags(rawValue: 2)
    }

    /// Bytes of a version 00 `traceparent`: `00-<32 hex>-<16 hex>-<2 hex>`.
    package static let byteCount = 55

    /// Reads a `traceparent` value without surrounding blanks; nil when it must be ignored.
    package init?(traceparent bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Self.byteCount, let version = Self.hex(bytes, 0, 2), version != 0xff else { return nil }
        // A newer version may append more fields, behind another hyphen.
        if bytes.count > Self.byteCount {
            guard version > 0, bytes[Self.byteCount] == UInt8(ascii: "-") else { return nil }
        }
        guard bytes[2] == UInt8(ascii: "-"), bytes[35] == UInt8(ascii: "-"), bytes[52] == UInt8(ascii: "-"),
            let high = Self.hex(bytes, 3, 16), let low = Self.hex(bytes, 19, 16), let span = Self.hex(bytes, 36, 16),
            let flags = Self.hex(bytes, 53, 2), high | low != 0, span != 0
        else { return nil }
        traceHigh = high
        traceLow = low
        spanID = span
        self.flags = Flags(rawValue: UInt8(flags) & 3)
    }

    /// A new trace with its first span.
    package init(isSampled: Bool, using random: inout FastRandom) {
        traceHigh = random.next()
        traceLow = Self.nonZero(&random)
        spanID = Self.nonZero(&random)
        flags = isSampled ? [.sampled, .random] : .random
    }

    private init(parent: TraceContext, spanID: UInt64) {
        traceHigh = parent.traceHigh
        traceLow = parent.traceLow
        flags = parent.flags
        self.spanID = spanID
    }

    /// A new span of the same trace.
    package func child(using random: inout FastRandom) -> TraceContext {
        TraceContext(parent: self, spanID: Self.nonZero(&random))
    }

    package var isSampled: Bool { flags.contains(.sampled) }

    /// Appends the `traceparent` value in version 00.
    package func writeTraceparent(to out: ByteBuffer) {
        out.reserve(Self.byteCount)
        out.append("00-")
        writeTraceID(to: out)
        out.append(UInt8(ascii: "-"))
        writeSpanID(to: out)
        out.append("-0")
        out.append(UInt8(ascii: "0") + flags.rawValue)
    }

    /// Appends the trace id in 32 hexadecimal digits.
    package func writeTraceID(to out: ByteBuffer) {
        Self.append(traceHigh, to: out)
        Self.append(traceLow, to: out)
    }

    /// Appends the span id in 16 hexadecimal digits.
    package func writeSpanID(to out: ByteBuffer) { Self.append(spanID, to: out) }

    private static func append(_ value: UInt64, to out: ByteBuffer) {
        let digits: StaticString = "0123456789abcdef"
        out.reserve(16)
        for position in 0..<16 {
            let nibble = Int(value >> UInt64(60 - 4 * position) & 15)
            let byte = digits.utf8Start[nibble]
            out.base.storeBytes(of: byte, toByteOffset: out.writerIndex + position, as: UInt8.self)
        }
        out.commit(16)
    }

    private static func nonZero(_ random: inout FastRandom) -> UInt64 {
        while true {
            let value = random.next()
            if value != 0 { return value }
        }
    }

    /// `count` lower-case hexadecimal digits from `at` on; upper case is not allowed. The caller has checked the range.
    private static func hex(_ bytes: UnsafeRawBufferPointer, _ at: Int, _ count: Int) -> UInt64? {
        var value: UInt64 = 0
        for index in at..<at + count {
            let byte = bytes[index]
            guard byte < UInt8(ascii: "A") || byte > UInt8(ascii: "F"), let digit = ASCII.hexValue(byte) else {
                return nil
            }
            value = value << 4 | UInt64(digit)
        }
        return value
    }
}
