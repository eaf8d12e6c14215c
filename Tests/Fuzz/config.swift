// Fuzzes the readers of configurations. Build the modules SMGBase and SMGConfig, then this file together with
// Tests/SMGConfigTests/ConfigurationProperty.swift, all under `-sanitize=fuzzer,address -parse-as-library
// -package-name smg`, link libyaml, and start the result on Tests/Fuzz/corpus/config. `ConfigurationCorpusTests`
// replays that corpus in every test run.

/// libFuzzer's entry: stops at the first input for which the property does not hold.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: data, count: size))
    if let violation = ConfigurationProperty.violation(input) { fatalError(violation) }
    return 0
}
