import SMGHTTP

// HTTP/2 sessions of both roles. The property is in Tests/SMGHTTPTests/HTTP2/HTTP2Properties.swift, compiled in with this
// file; the corpus is replayed by HTTP2CorpusTests in every test run.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzHTTP2(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    if let violation = violatedHTTP2Property(Array(UnsafeBufferPointer(start: data, count: count))) {
        fatalError(violation)
    }
    return 0
}
