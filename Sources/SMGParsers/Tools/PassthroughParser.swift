internal import SMGBase

/// Leaves the answer as it is: every byte is content. For models without tool calls, and for those whose engine parses
/// them.
final class PassthroughParser: StreamParser {
    override func advance(_ input: UnsafeRawBufferPointer, last: Bool, _ output: ParserOutput) -> Int {
        output.content(input)
        return input.count
    }
}
