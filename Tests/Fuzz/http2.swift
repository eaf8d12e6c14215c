// HTTP/2 sessions of both roles. HTTP2CorpusTests replays the corpus in every test run.
//
// fuzz: room SMGHTTP
// fuzz: with Tests/SMGHTTPTests/HTTP2/HTTP2Properties.swift

/// The first property `input` violates; nil when all hold.
func violation(_ input: [UInt8]) -> String? { violatedHTTP2Property(input) }
