// Fuzzes the JSON reader and what is built on it. Build the modules SMGBase, SMGJSON and SMGProtocols, then this file
// together with Tests/SMGJSONTests/JSONProperties.swift and Tests/SMGProtocolsTests/RequestProperties.swift, all under
// `-sanitize=fuzzer,address -parse-as-library -package-name smg`, and start the result on Tests/Fuzz/corpus/json.
// `JSONCorpusTests` and `RequestCorpusTests` replay that corpus in every test run.

/// libFuzzer's entry: stops at the first input for which a property does not hold.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ data: UnsafeRawPointer?, _ count: Int) -> CInt {
    let bytes = UnsafeRawBufferPointer(start: data, count: data == nil ? 0 : count)
    if let violation = JSONProperties.violation(bytes) ?? RequestProperties.violation(bytes) { fatalError(violation) }
    return 0
}
