internal import SMGBase

/// Finds line ends (LF or CR) in one run of bytes. Each kind is searched once and remembered until passed, so a
/// stream without CR does not pay for looking for one at every line.
struct SSELineEnds {
    private let bytes: UnsafeRawBufferPointer
    /// Offset of the next LF or CR not yet passed; -1 before the first search, `count` when there is none.
    private var lineFeed = -1
    private var carriageReturn = -1

    @inline(__always)
    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// Offset of the first line end at or after `start`, or the count of bytes. `start` must not go back.
    @inline(__always)
    mutating func next(from start: Int) -> Int {
        if lineFeed < start { lineFeed = bytes.firstIndex(of: 10, from: start) ?? bytes.count }
        if carriageReturn < start { carriageReturn = bytes.firstIndex(of: 13, from: start) ?? bytes.count }
        return min(lineFeed, carriageReturn)
    }
}
