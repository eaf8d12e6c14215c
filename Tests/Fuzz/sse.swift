import SMGHTTP

// Reader, observer and writer of event streams. The property is in Tests/SMGHTTPTests/SSE/SSEProperties.swift, compiled
// in with this file; the corpus is replayed by FuzzCorpusTests in every test run.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSSE(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    if let violation = violatedSSEProperty(Array(UnsafeBufferPointer(start: data, count: count))) {
        fatalError(violation)
    }
    return 0
}
