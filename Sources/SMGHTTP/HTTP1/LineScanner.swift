/// Finds CRLF-ended lines and refuses every other control character on the way, eight bytes at a time.
///
/// Remembers how far it looked, so bytes that arrive in pieces are looked at once. A line is handed out only when it
/// is whole, and errors come in the order of the bytes: the outcome does not depend on how they were split.
struct LineScanner {
    /// Offset of the first byte of the current line.
    var lineStart = 0
    /// Offset of the first byte not yet looked at.
    var scanned = 0

    /// The end (without CRLF) of the line starting at `lineStart`, or nil when `end` comes first. The next line then
    /// starts at `scanned`.
    @inline(__always)
    mutating func nextLineEnd(_ base: UnsafeRawPointer, _ end: Int) throws(HTTPParseError) -> Int? {
        var at = scanned
        while true {
            while at &+ 8 <= end {
                let hits = FieldSyntax.controls(
                    in: UInt64(littleEndian: base.loadUnaligned(fromByteOffset: at, as: UInt64.self)))
                if hits == 0 {
                    at &+= 8
                    continue
                }
                at &+= hits.trailingZeroBitCount >> 3
                break
            }
            guard at < end else { break }
            let byte = base.load(fromByteOffset: at, as: UInt8.self)
            if byte == 13 {
                guard at &+ 1 < end else { break }
                guard base.load(fromByteOffset: at &+ 1, as: UInt8.self) == 10 else { throw .bareCarriageReturn }
                scanned = at &+ 2
                return at
            }
            if byte == 10 { throw .bareLineFeed }
            if (byte < 0x20 && byte != 9) || byte == 0x7f { throw .controlCharacter }
            at &+= 1
        }
        scanned = at
        return nil
    }
}
