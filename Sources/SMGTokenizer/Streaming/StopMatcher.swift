package import SMGBase

/// Where one text stands in the search for stop strings. A small value without memory of its own.
///
/// Holds back the longest end of the text that may become a stop string, and nothing else. The answer does not depend on
/// how the text was cut.
package struct StopMatcher: Sendable {
    private var state = StopAutomaton.root
    /// The best match so far, which a longer one that begins left of it or stands before it may still beat.
    private var match = StopAutomaton.none
    /// Bytes read since that match ended.
    private var sinceMatch = 0

    package init() {}

    /// Whether text is held back.
    package var isHolding: Bool { state != StopAutomaton.root }

    /// Searches the bytes of `text` from offset `start` (of its storage) on, which are whole characters, and leaves there
    /// what is certain: all that was held back and is no stop comes before, what is held back now is cut off. The place
    /// of the stop string that ended the text; nil while there is none. Nothing may follow a stop.
    package mutating func take(_ text: ByteBuffer, from start: Int, _ rules: StopRules) -> Int? {
        guard let automaton = rules.automaton else { return nil }
        let count = text.writerIndex - start
        let base = UnsafeRawPointer(text.base + start)
        let before = state
        let held = Int(automaton.state(before).depth)
        var at = 0
        while at < count {
            if state == StopAutomaton.root {
                at = automaton.firstStart(base, from: at, count: count)
                if at == count { break }
            }
            let next = automaton.next(state, base.load(fromByteOffset: at, as: UInt8.self))
            if next == StopAutomaton.dead { return stop(automaton, text, start, before, read: held + at) }
            at &+= 1
            state = next
            sinceMatch &+= 1
            let reached = automaton.state(next)
            if reached.match != StopAutomaton.none {
                match = reached.match
                sinceMatch = 0
                if reached.isFinal { return stop(automaton, text, start, before, read: held + at) }
            }
        }
        keep(held + count - Int(automaton.state(state).depth), automaton, text, start, before)
        return nil
    }

    /// Appends what was held back, as nothing follows; or ends with the stop string that was found and might have been
    /// beaten. Then as new.
    package mutating func finish(_ text: ByteBuffer, _ rules: StopRules) -> Int? {
        guard let automaton = rules.automaton else { return nil }
        let start = text.writerIndex
        let held = Int(automaton.state(state).depth)
        if match != StopAutomaton.none { return stop(automaton, text, start, state, read: held) }
        keep(held, automaton, text, start, state)
        self = StopMatcher()
        return nil
    }

    /// Ends with the best match; `read` counts what was held back before and what was read of the text.
    private mutating func stop(
        _ automaton: StopAutomaton, _ text: ByteBuffer, _ start: Int, _ before: UInt16, read: Int
    ) -> Int {
        let end = read - sinceMatch
        let place = Int(match)
        let kept = automaton.isHidden(match) ? end - automaton.length(match) : end
        keep(kept, automaton, text, start, before)
        self = StopMatcher()
        return place
    }

    /// Makes of the text from `start` on the first `count` bytes of what was held back and itself.
    private func keep(_ count: Int, _ automaton: StopAutomaton, _ text: ByteBuffer, _ start: Int, _ before: UInt16) {
        let held = Int(automaton.state(before).depth)
        if held > 0 {
            let own = text.writerIndex - start
            text.reserve(held)
            let base = text.base + start
            (base + held).copyMemory(from: base, byteCount: own)
            automaton.withText(of: before) { base.copyMemory(from: $0.baseAddress!, byteCount: held) }
        }
        assert(count >= 0 && count <= held + text.writerIndex - start)
        text.writerIndex = start + max(0, count)
    }
}
