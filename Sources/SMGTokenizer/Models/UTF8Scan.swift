/// Steps over UTF-8 that need no decoding.
enum UTF8Scan {
    /// Bytes of the character that begins with `lead`; 1 for what begins none.
    @inline(__always)
    static func length(_ lead: UInt8) -> Int {
        // The upper four bits index lengths of four bits each: 1 below 0xC0, 2 for 0xC and 0xD, 3 for 0xE, 4 for 0xF.
        Int(truncatingIfNeeded: (0x4322_1111_1111_1111 as UInt64) >> (UInt64(lead >> 4) &* 4)) & 15
    }

    /// Characters in valid UTF-8.
    static func characters(_ text: UnsafeRawBufferPointer) -> Int {
        var count = 0
        for byte in text where byte & 0xc0 != 0x80 { count &+= 1 }
        return count
    }
}
