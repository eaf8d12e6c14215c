internal import SMGBase

/// Separates a model's reasoning from its answer.
///
/// Text before the start marker is content, text behind the end is content; a start marker inside the reasoning is
/// dropped, an end marker outside it is content, for formats of plain text. Nothing else is trimmed. Without an end
/// everything behind the start is reasoning.
///
/// With a parser of calls behind it, the opening of a call ends the reasoning too, and an end marker behind that is
/// dropped. Inside a call no marker counts.
package final class ReasoningParser: StreamParser {
    private enum State {
        /// Before the reasoning, or between two parts of it.
        case outside
        case inside
        /// Behind the opening of a call that ended the reasoning; the end marker may come yet.
        case interrupted
        /// A part that passes unchanged.
        case unchanged
        /// No marker counts any more.
        case settled
    }

    private let format: ReasoningFormat
    private var state: State
    /// Reasoning that is not passed on before its end; nil when it is streamed.
    private let heldBack: ByteBuffer?
    /// Passes what was found so far to the parser of calls behind this one and says whether the next byte is a call's: a
    /// marker there is none. Nil when no calls are read; then their openings mean nothing.
    var standsInCall: (() -> Bool)?

    package init(_ format: ReasoningFormat, _ options: ReasoningOptions = ReasoningOptions()) {
        self.format = format
        state = format.startsInReasoning || options.started ? .inside : .outside
        heldBack = options.streams ? nil : ByteBuffer(capacity: 256)
    }

    /// Whether the next byte would be reasoning, as far as is known.
    package var isInReasoning: Bool { state == .inside }

    override func advance(_ input: UnsafeRawBufferPointer, last: Bool, _ output: ParserOutput) -> Int {
        var at = 0
        while true {
            guard let scanner else {
                output.content(input.slice(at..<input.count))
                return input.count
            }
            switch scanner.first(in: input, from: at, last: last) {
            case .none(let safe):
                emit(input.slice(at..<safe), output)
                if last { releaseHeldBack(output) }
                return safe
            case .marker(let index, let range):
                emit(input.slice(at..<range.lowerBound), output)
                pass(index, input.slice(range), output)
                at = range.upperBound
            }
        }
    }

    private var scanner: MarkerScanner? {
        switch state {
        case .outside: format.outside
        case .inside, .interrupted: format.inside
        case .unchanged: format.unchanged
        case .settled: nil
        }
    }

    private func emit(_ text: UnsafeRawBufferPointer, _ output: ParserOutput) {
        guard state == .inside else { return output.content(text) }
        guard let heldBack else { return output.reasoning(text) }
        heldBack.append(text)
        if heldBack.readableCount >= ReasoningLimits.maximumHeldBytes { releaseHeldBack(output) }
    }

    private func releaseHeldBack(_ output: ParserOutput) {
        guard let heldBack else { return }
        output.reasoning(heldBack.readable)
        heldBack.clear()
    }

    /// Marker number `index` of the current state's scanner was read.
    private func pass(_ index: Int, _ marker: UnsafeRawBufferPointer, _ output: ParserOutput) {
        if state == .outside || state == .interrupted, standsInCall?() == true { return output.content(marker) }
        switch state {
        case .outside where index < format.startCount: state = .inside
        case .outside where index < format.droppedLimit: break
        case .outside:
            output.content(marker)
            state = .unchanged
        case .inside where index < format.endCount:
            releaseHeldBack(output)
            state = format.repeats ? .outside : .settled
        case .inside where index < format.insideLimit: break
        case .inside where standsInCall == nil: emit(marker, output)
        case .inside:
            releaseHeldBack(output)
            output.content(marker)
            state = format.unchanged == nil ? .interrupted : .unchanged
        case .interrupted where index < format.endCount: state = format.repeats ? .outside : .settled
        case .interrupted where index < format.insideLimit && format.repeats: state = .inside
        case .interrupted: output.content(marker)
        case .unchanged:
            output.content(marker)
            if standsInCall?() != true { state = .outside }
        case .settled: break
        }
    }
}
