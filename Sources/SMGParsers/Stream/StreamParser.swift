internal import SMGBase

/// What every parser of an answer's text is: bytes go in as they come, events come out in order.
///
/// One parser is one choice of one answer: made for it, fed, finished, thrown away. Feeding a text whole and feeding it
/// in any pieces, also inside a character, gives the same events; only how many pieces a text comes in differs.
///
/// A subclass overrides `advance`, and `isInCall` if its calls may hold any text. It is given the text it has not dealt
/// with yet and returns how much of it is dealt with now; the rest comes again with more behind it. So a subclass has a
/// state and offsets, but no buffer. To be independent of the split it must decide nothing that later bytes could
/// change: what may still become a marker is left for the next time.
package class StreamParser {
    /// What `advance` left, and a character whose end has not come.
    private let held = ByteBuffer(capacity: 256)
    /// Calls begun so far.
    package final private(set) var callCount = 0

    // Not `package`: the compiler (6.3.1) would warn of an endless recursion in every subclass with another initialiser.
    init() {}

    /// Appends the events of the next piece of the answer to `output`.
    package final func feed(_ bytes: UnsafeRawBufferPointer, into output: ParserOutput) {
        if held.isEmpty {
            let whole = bytes.count &- Self.openCharacter(bytes)
            let done = whole == 0 ? 0 : advance(bytes.slice(0..<whole), last: false, output)
            assert(done >= 0 && done <= whole)
            if done < bytes.count { held.append(bytes.slice(done..<bytes.count)) }
        } else {
            held.append(bytes)
            let input = held.readable
            let whole = input.count &- Self.openCharacter(input)
            if whole > 0 { held.consume(advance(input.slice(0..<whole), last: false, output)) }
        }
        assert(held.readableCount <= ParserLimits.maximumHeldBytes + ParserLimits.maximumHeldLead)
    }

    /// The answer is over: appends the events of what was held back. The parser must not be used afterwards.
    package final func finish(into output: ParserOutput) {
        held.consume(advance(held.readable, last: true, output))
        output.content(held.readable)
        held.clear()
    }

    /// Whether the next byte belongs to a call, or to what may be one, whatever it is. Says the same however the text was
    /// split.
    var isInCall: Bool { false }

    /// Deals with the next bytes of the answer and returns how many; the rest comes again with more behind it. With
    /// `last` nothing more comes, and `input` may be empty: open calls are ended, and what is not dealt with becomes
    /// content. `input` ends between characters, unless the text is not UTF-8.
    func advance(_ input: UnsafeRawBufferPointer, last: Bool, _ output: ParserOutput) -> Int {
        output.content(input)
        return input.count
    }

    /// Begins the next call and returns its index.
    final func beginCall(
        _ output: ParserOutput, name: UnsafeRawBufferPointer, id: UnsafeRawBufferPointer? = nil
    ) -> Int {
        let index = callCount
        callCount += 1
        output.beginCall(index, name: name, id: id)
        return index
    }

    /// Bytes at the end of `bytes` that begin a UTF-8 character without ending it: 0 to 3.
    @inline(__always)
    static func openCharacter(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard let final = bytes.last, final >= 0x80 else { return 0 }
        // The lead byte is at most three from the end, when the character is not whole.
        for back in 1...min(3, bytes.count) {
            let byte = bytes[bytes.count &- back]
            if byte & 0xc0 == 0x80 { continue }
            let width = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 ? 2 : 1
            return width > back ? back : 0
        }
        return 0
    }
}
