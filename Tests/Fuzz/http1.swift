// Heads, bodies and forwarding of HTTP/1. FuzzCorpusTests replays the corpus in every test run.
//
// fuzz: room SMGHTTP
// fuzz: with Tests/SMGHTTPTests/HTTP1/{HTTP1Properties,HTTP1Support,NaiveChunks}.swift

/// The first property `input` violates; nil when all hold.
func violation(_ input: [UInt8]) -> String? { violatedHTTP1Property(input) }
