/// The bounds of the JSON reader.
package enum JSONLimits {
    /// Containers open at once, the outermost included. Real requests stay below 20; the engines' own parsers stop
    /// between 128 and 1000. One bit each, so the whole stack is 64 bytes.
    package static let maximumDepth = 512

    /// Members of a scanned object, top level only. The largest real request has about 60; a record is 20 bytes, so a
    /// hostile body costs at most 320 KiB of records.
    package static let maximumMembers = 16_384

    /// Member records a scan keeps allocated for its next use.
    package static let retainedMembers = 256

    /// Bytes of a scanned body: offsets are kept in 32 bits. Far above any payload limit a server is given.
    package static let maximumInputBytes = Int(UInt32.max)
}
