// Texts through byte-level BPE tokenizers and back, at once and in pieces. RoundTripTests replays the corpus in every
// test run.
//
// fuzz: room SMGTokenizer
// fuzz: with Tests/SMGTokenizerTests/BPE/RoundTripProperties.swift

/// The first property `input` violates; nil when all hold.
func violation(_ input: [UInt8]) -> String? { RoundTripProperties.violation(input) }

/// The tokenizers live as long as the process, some of their parts behind pointers with a tag, which LeakSanitizer
/// takes for lost.
@_cdecl("__lsan_is_turned_off")
public func leaksAreNone() -> CInt { 1 }
