internal import SMGBase

/// Collects the label values of one lookup, in the order of the family's label names, without making strings.
package struct LabelValues: ~Copyable {
    fileprivate let key: ByteBuffer
    fileprivate private(set) var count = 0

    fileprivate init(key: ByteBuffer) { self.key = key }

    /// Adds a value known at compile time.
    package mutating func add(_ value: StaticString) {
        add(UnsafeRawBufferPointer(start: value.utf8Start, count: value.utf8CodeUnitCount))
    }

    /// Adds raw bytes; what is not UTF-8 is repaired when the series is made.
    package mutating func add(_ value: UnsafeRawBufferPointer) {
        // Longer values are cut in the label as well, so the rest must not tell two keys apart.
        let shown = MetricEscape.labelValueEnd(value)
        appendLength(shown)
        key.append(UnsafeRawBufferPointer(rebasing: value[..<shown]))
        count += 1
    }

    /// Adds a string.
    package mutating func add(_ value: String) {
        var text = value
        appendString(&text)
        count += 1
    }

    /// Adds a number in decimal digits, such as an HTTP status.
    package mutating func add(_ value: Int) {
        let at = key.writerIndex
        appendLength(0)
        key.append(decimal: value)
        let length = UInt32(key.writerIndex - at - MemoryLayout<UInt32>.size)
        key.base.storeBytes(of: length, toByteOffset: at, as: UInt32.self)
        count += 1
    }

    private func appendString(_ text: inout String) {
        text.withUTF8 { bytes in
            let raw = UnsafeRawBufferPointer(bytes)
            let shown = MetricEscape.labelValueEnd(raw)
            appendLength(shown)
            key.append(UnsafeRawBufferPointer(rebasing: raw[..<shown]))
        }
    }

    private func appendLength(_ length: Int) {
        withUnsafeBytes(of: UInt32(length)) { key.append($0) }
    }
}

/// One loop's memory of label values and the series they lead to.
///
/// Bound to its loop like the cells it belongs to. A hit hashes the label bytes and compares them: no lock, no string,
/// no allocation. A miss asks the registry once. The cache is bounded and starts over when full; entries of removed
/// series are found again through the registry.
package final class SeriesCache {
    private let cells: MetricCells
    private let capacity: Int
    /// Open addressing with linear probing over a power of two at most half full; `keyEnd == 0` marks a free place.
    private var places: [Place]
    private var used = 0
    /// All keys one after the other.
    private let keys = ByteBuffer(capacity: 4096)
    private let scratch = ByteBuffer(capacity: 256)
    private let seed: UInt64

    private struct Place {
        var hash: UInt64 = 0
        var keyStart = 0
        var keyEnd = 0
        var slot = SeriesSlot.sink
    }

    /// `capacity` label combinations at most; `seed` keeps clients from choosing label values that collide.
    package init(cells: MetricCells, capacity: Int = MetricLimits.cachedSeries, seed: UInt64) {
        self.cells = cells
        self.capacity = max(capacity, 1)
        self.seed = seed
        var size = 16
        while size < self.capacity * 2 { size *= 2 }
        places = [Place](repeating: Place(), count: size)
    }

    /// The series of `family` with the label values that `fill` adds.
    package func series<Family: MetricFamily>(
        _ family: Family, _ fill: (inout LabelValues) -> Void
    ) -> Family.Series {
        assert(family.registry === cells.registry)
        scratch.clear()
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: family.id)) { scratch.append($0) }
        var values = LabelValues(key: scratch)
        fill(&values)
        return family.bind(slot(family: family.id, valueCount: values.count))
    }

    private func slot(family: Int, valueCount: Int) -> SeriesSlot {
        let hash = Self.hash(scratch.readable, seed: seed)
        let mask = places.count - 1
        var at = Int(truncatingIfNeeded: hash) & mask
        while places[at].keyEnd != 0 {
            if places[at].hash == hash && isScratch(places[at]) {
                if cells.isLive(places[at].slot) { return places[at].slot }
                places[at].slot = intern(family: family, valueCount: valueCount)
                return places[at].slot
            }
            at = (at + 1) & mask
        }
        let slot = intern(family: family, valueCount: valueCount)
        guard used < capacity, keys.readableCount + scratch.readableCount <= MetricLimits.cachedLabelBytes else {
            startOver()
            return slot
        }
        let start = keys.writerIndex
        keys.append(scratch.readable)
        places[at] = Place(hash: hash, keyStart: start, keyEnd: keys.writerIndex, slot: slot)
        used += 1
        return slot
    }

    private func isScratch(_ place: Place) -> Bool {
        let key = keys.slice(place.keyStart..<place.keyEnd)
        let wanted = scratch.readable
        return key.count == wanted.count && key.elementsEqual(wanted)
    }

    private func startOver() {
        for index in places.indices { places[index] = Place() }
        keys.clear()
        used = 0
    }

    /// Decodes the key in `scratch` and asks the registry.
    private func intern(family: Int, valueCount: Int) -> SeriesSlot {
        let key = scratch.readable
        var values: [String] = []
        values.reserveCapacity(valueCount)
        var at = MemoryLayout<UInt32>.size
        for _ in 0..<valueCount {
            let length = Int(key.loadUnaligned(fromByteOffset: at, as: UInt32.self))
            at += MemoryLayout<UInt32>.size
            values.append(String(decoding: key[at..<at + length], as: UTF8.self))
            at += length
        }
        return cells.registry.intern(family: family, values: values)
    }

    /// A keyed multiply-and-fold hash, eight bytes a step.
    private static func hash(_ bytes: UnsafeRawBufferPointer, seed: UInt64) -> UInt64 {
        var state = seed ^ 0x9e37_79b9_7f4a_7c15
        var at = 0
        while at + 8 <= bytes.count {
            state = fold(state ^ bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self), seed)
            at += 8
        }
        var tail: UInt64 = 0
        while at < bytes.count {
            tail = tail << 8 | UInt64(bytes[at])
            at += 1
        }
        return fold(state ^ tail, seed ^ UInt64(bytes.count))
    }

    private static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = (a ^ 0xa076_1d64_78bd_642f).multipliedFullWidth(by: b ^ 0xe703_7ed1_a0b4_28db)
        return product.high ^ product.low
    }
}
