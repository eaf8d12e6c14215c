// Fuzzes the readers of configurations. Build it together with the sources of SMGBase and SMGConfig and with
// Tests/SMGConfigTests/ConfigurationProperty.swift under `-sanitize=fuzzer,address -parse-as-library`, and start it with
// Tests/Fuzz/corpus/config. `ConfigurationCorpusTests` replays that corpus in every test run.

/// libFuzzer's entry: stops at the first input for which the property does not hold.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: data, count: size))
    if let violation = ConfigurationProperty.violation(input) { fatalError(violation) }
    return 0
}
