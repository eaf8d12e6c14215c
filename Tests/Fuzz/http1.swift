import SMGHTTP

// Heads, bodies and forwarding of HTTP/1. The property is in Tests/SMGHTTPTests/HTTP1/HTTP1Properties.swift, compiled in
// with this file; the corpus is replayed by FuzzCorpusTests in every test run.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzHTTP1(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    if let violation = violatedHTTP1Property(Array(UnsafeBufferPointer(start: data, count: count))) {
        fatalError(violation)
    }
    return 0
}
