import SMGBase
import SMGHTTP

/// One event as plain values.
struct ReadEvent: Equatable {
    var type = ""
    var data: [UInt8] = []
    var id = ""
    var retry: Int?
}

/// What reading a stream came to.
struct StreamOutcome: Equatable {
    var events: [ReadEvent] = []
    var errorCode: String?
    var isAtEventBorder = true
}

/// Reads `bytes` with the reader under test, cut at `cuts` (ascending).
func streamOutcome(
    _ bytes: [UInt8], cuts: [Int] = [], lineLimit: Int = SSEReader.lineBytes, eventLimit: Int = SSEReader.eventBytes
) -> StreamOutcome {
    var reader = SSEReader(lineLimit: lineLimit, eventLimit: eventLimit)
    var outcome = StreamOutcome()
    var from = 0
    for cut in cuts + [bytes.count] {
        let part = Array(bytes[from..<cut])
        from = cut
        part.withUnsafeBytes { part in
            do throws(SSEError) {
                try reader.read(part) { event in
                    outcome.events.append(
                        ReadEvent(
                            type: event.type.string, data: Array(event.data), id: event.lastEventID.string,
                            retry: event.retryMilliseconds))
                }
            } catch {
                outcome.errorCode = error.code
            }
        }
        if outcome.errorCode != nil { return outcome }
    }
    outcome.isAtEventBorder = reader.isAtEventBorder
    return outcome
}

/// What observing a stream came to.
struct ObserverOutcome: Equatable {
    var events = 0
    var isDone = false
    var isAtEventBorder = true
    var lastPayload: [UInt8]?
}

/// Observes `bytes`, cut at `cuts` (ascending).
func observerOutcome(_ bytes: [UInt8], cuts: [Int] = [], keepsLastPayload: Bool = true) -> ObserverOutcome {
    var observer = SSEObserver(keepsLastPayload: keepsLastPayload)
    var from = 0
    for cut in cuts + [bytes.count] {
        let part = Array(bytes[from..<cut])
        from = cut
        part.withUnsafeBytes { observer.observe($0) }
    }
    return ObserverOutcome(
        events: observer.events, isDone: observer.isDone, isAtEventBorder: observer.isAtEventBorder,
        lastPayload: observer.withLastPayload { Array($0) })
}
