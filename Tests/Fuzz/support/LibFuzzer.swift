/// libFuzzer's entry, the same for every parser: hands the bytes to the entry's `violation` and stops at the first input
/// for which a property does not hold.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    if let broken = violation(Array(UnsafeBufferPointer(start: data, count: count))) { fatalError(broken) }
    return 0
}
