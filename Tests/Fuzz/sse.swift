// Reader, observer and writer of event streams. FuzzCorpusTests replays the corpus in every test run.
//
// fuzz: room SMGHTTP
// fuzz: with Tests/SMGHTTPTests/SSE/{SSEProperties,SSESupport,NaiveStream}.swift
// fuzz: with Tests/SMGHTTPTests/HTTP1/HTTP1Support.swift

/// The first property `input` violates; nil when all hold.
func violation(_ input: [UInt8]) -> String? { violatedSSEProperty(input) }
