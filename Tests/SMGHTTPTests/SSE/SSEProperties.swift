import SMGBase
import SMGHTTP

/// What must hold for any bytes, for the fuzzer and for the replay of its corpus alike. The first byte seeds the
/// splits. Returns what was violated, or nil.
func violatedSSEProperty(_ input: [UInt8]) -> String? {
    guard let seed = input.first else { return nil }
    let bytes = Array(input.dropFirst())
    var random = FastRandom(seed: UInt64(seed))
    let (stream, observed) = naiveStream(bytes)
    var splits = (0..<3).map { _ in randomCuts(bytes.count, &random) }
    splits.append([])
    if bytes.count <= 512 { splits.append(Array(0...bytes.count)) }
    let bounded = streamOutcome(bytes, lineLimit: 32, eventLimit: 48)
    for cuts in splits {
        if streamOutcome(bytes, cuts: cuts) != stream { return "reader differs from the standard, cut at \(cuts)" }
        if observerOutcome(bytes, cuts: cuts) != observed { return "observer differs, cut at \(cuts)" }
        if streamOutcome(bytes, cuts: cuts, lineLimit: 32, eventLimit: 48) != bounded {
            return "bounds depend on splits \(cuts)"
        }
    }
    return violatedWriterProperty(bytes)
}

/// Any payload written is one event when read.
private func violatedWriterProperty(_ payload: [UInt8]) -> String? {
    let buffer = ByteBuffer(capacity: 256)
    payload.withUnsafeBytes { SSEWriter(buffer).event("x", data: $0) }
    let outcome = streamOutcome(Array(buffer.readable))
    let expected = ReadEvent(type: "x", data: withLineFeedsOnly(payload))
    return outcome.events == [expected] && outcome.isAtEventBorder ? nil : "payload did not survive writing"
}
