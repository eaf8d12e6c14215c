internal import SMGBase

/// A base and what follows it until the next one, taken apart, ordered and joined again.
///
/// A byte that is no UTF-8 is kept as a number above all scalars, so that it comes out as it went in.
struct NormalizationSegment {
    /// The scalar in the low 24 bits, its combining class above.
    private var entries: [UInt32] = []
    private let data = NormalizationData()
    private let form: NormalizationForm

    /// Marks in a row up to which insertion sort is used: longer runs come from nobody but attackers.
    private static let shortRun = 24
    private static let scalarMask: UInt32 = 0xff_ffff
    /// Added to a byte that is no UTF-8.
    private static let rawByte: UInt32 = 0x11_0000

    init(_ form: NormalizationForm) { self.form = form }

    /// Reads what is at `at`: a scalar, or one byte that is no UTF-8.
    @inline(__always)
    static func read(_ base: UnsafeRawPointer, at: Int, count: Int) -> UTF8Text.Decoded {
        let next = UTF8Text.decode(base, at: at, count: count)
        guard next.scalar == UTF8Text.replacement else { return next }
        let lead = base.load(fromByteOffset: at, as: UInt8.self)
        // U+FFFD itself begins with EF, and so may what is cut: that is shorter.
        if lead == 0xef, next.length == 3 { return next }
        return UTF8Text.Decoded(scalar: rawByte | UInt32(lead), length: 1)
    }

    mutating func clear() { entries.removeAll(keepingCapacity: true) }

    /// Adds what `scalar` becomes.
    mutating func append(_ scalar: UInt32) {
        if let (lead, vowel, trail) = Hangul.decomposed(scalar) {
            entries.append(lead)
            entries.append(vowel)
            if trail != 0 { entries.append(trail) }
            return
        }
        let units = data.decomposition(scalar, compatible: form.isCompatible)
        if units.count == 0 { return add(scalar) }
        var at = 0
        while at < units.count {
            var value = UInt32(units[at])
            at &+= 1
            if value & 0xfc00 == 0xd800, at < units.count {
                value = 0x10000 + (value & 0x3ff) << 10 + UInt32(units[at]) & 0x3ff
                at &+= 1
            }
            add(value)
        }
    }

    @inline(__always)
    private mutating func add(_ scalar: UInt32) {
        entries.append(scalar | UInt32(data.properties(scalar).combiningClass) &<< 24)
    }

    /// Brings all into the form: marks in order, then joined where the form says so.
    mutating func finish() {
        var at = 0
        while at < entries.count {
            guard entries[at] > Self.scalarMask else {
                at &+= 1
                continue
            }
            let start = at
            while at < entries.count, entries[at] > Self.scalarMask { at &+= 1 }
            order(start..<at)
        }
        if form.composes { compose() }
    }

    /// Sorts marks by class, those of one class in the order they came.
    private mutating func order(_ run: Range<Int>) {
        if run.count > Self.shortRun { return orderLong(run) }
        for i in run.dropFirst() {
            let entry = entries[i]
            var place = i
            while place > run.lowerBound, entries[place &- 1] &>> 24 > entry &>> 24 {
                entries[place] = entries[place &- 1]
                place &-= 1
            }
            entries[place] = entry
        }
    }

    private mutating func orderLong(_ run: Range<Int>) {
        var places = [Int](repeating: 0, count: 257)
        for entry in entries[run] { places[Int(entry >> 24) + 1] += 1 }
        for i in 1..<257 { places[i] += places[i - 1] }
        for entry in Array(entries[run]) {
            entries[run.lowerBound + places[Int(entry >> 24)]] = entry
            places[Int(entry >> 24)] += 1
        }
    }

    private mutating func compose() {
        var starter = -1
        // The class of the last mark that stayed behind the starter; -1 when none did.
        var lastClass = -1
        var written = 0
        for at in entries.indices {
            let entry = entries[at]
            let entryClass = Int(entry &>> 24)
            if starter >= 0, lastClass < entryClass || lastClass < 0,
                let joined = data.composite(entries[starter], entry & Self.scalarMask)
            {
                entries[starter] = joined
                continue
            }
            if entryClass == 0 { starter = written }
            lastClass = entryClass == 0 ? -1 : entryClass
            entries[written] = entry
            written &+= 1
        }
        entries.removeLast(entries.count - written)
    }

    /// Whether this is what stands in the text.
    func equals(_ base: UnsafeRawPointer, _ range: Range<Int>) -> Bool {
        var at = range.lowerBound
        for entry in entries {
            guard at < range.upperBound else { return false }
            let next = Self.read(base, at: at, count: range.upperBound)
            guard next.scalar == entry & Self.scalarMask else { return false }
            at &+= next.length
        }
        return at == range.upperBound
    }

    func write(to out: ByteBuffer) {
        out.reserve(4 * entries.count)
        var target = out.base + out.writerIndex
        for entry in entries {
            let scalar = entry & Self.scalarMask
            if scalar >= Self.rawByte {
                target.storeBytes(of: UInt8(truncatingIfNeeded: scalar), as: UInt8.self)
                target += 1
            } else {
                UTF8Text.encode(scalar, to: target)
                target += UTF8Text.width(scalar)
            }
        }
        out.commit(target - (out.base + out.writerIndex))
    }
}
