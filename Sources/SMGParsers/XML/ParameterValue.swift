internal import SMGBase

/// One parameter's value on its way into the arguments: text that is passed on escaped as it comes, or text that is held
/// until it is known what JSON value it spells.
///
/// What a held value becomes:
/// 1. for the declared types: `null` or `None`; an integer; a number; `true` or `false` in any case; an object or an
///    array in JSON; a string, which loses the quotes when it is a JSON string literal;
/// 2. when nothing is declared, or nothing of it fits: any JSON value, `True`, `False`, `None`;
/// 3. else a string of the text as it stands.
///
/// A string is a string as soon as nothing else is possible, so the text of a program is not held.
struct ParameterValue {
    /// Whether some of the value may have come.
    var hasBegun = false
    /// What the schema allows; empty when it says nothing. Nil for text that is taken as it is.
    private var types: ParameterTypes?
    /// Whether the value is known to be a string, whose opening quote is out.
    private var isText = false
    private var isTooLong = false
    private var held: [UInt8] = []
    /// Whether what is held may be JSON, and how far it is.
    private var isJSON = true
    private var json = JSONStream()

    /// Longer text that is not JSON is a string: literals and oddly spelled numbers are shorter.
    private static let maximumOddBytes = 64

    /// A value of these types begins.
    mutating func begin(_ types: ParameterTypes?) {
        self.types = types
        hasBegun = false
        isText = false
        isTooLong = false
        held.removeAll(keepingCapacity: held.capacity <= 64 * 1024)
        isJSON = true
        json = JSONStream()
    }

    /// The next bytes of the value, which may be none.
    mutating func take(_ bytes: UnsafeRawBufferPointer, _ decodes: Bool, _ output: ParserOutput, _ call: Int) {
        if !decodes { return take(bytes, output, call) }
        XMLEntities.forEachPiece(bytes) { take($0, output, call) }
    }

    private mutating func take(_ bytes: UnsafeRawBufferPointer, _ output: ParserOutput, _ call: Int) {
        if isText { return output.argumentsEscaping(call, bytes) }
        if types == nil { return becomeText(then: bytes, output, call) }
        guard bytes.count > 0 else { return }
        // Judged up to the limit and no further, so that the pieces do not matter.
        let room = ParserLimits.maximumHeldBytes - held.count
        let next = bytes.slice(0..<min(room, bytes.count))
        judge(next)
        if isCertainlyText(with: next) { return becomeText(then: bytes, output, call) }
        isTooLong = bytes.count > room
        if isTooLong { return becomeText(then: bytes, output, call) }
        held.append(contentsOf: bytes)
    }

    private mutating func judge(_ bytes: UnsafeRawBufferPointer) {
        guard isJSON else { return }
        let end = json.consume(bytes)
        isJSON = json.status != .invalid && bytes.slice(end..<bytes.count).allSatisfy(TagReader.isSpace)
    }

    private func isCertainlyText(with next: UnsafeRawBufferPointer) -> Bool {
        guard let types, types.isEmpty || types.contains(.string) else { return false }
        // Only a literal in quotes is anything but itself.
        if types == .string { return !isJSON || (held.first ?? next.first) != UInt8(ascii: "\"") }
        return !isJSON && held.count + next.count > Self.maximumOddBytes
    }

    private mutating func becomeText(then bytes: UnsafeRawBufferPointer, _ output: ParserOutput, _ call: Int) {
        isText = true
        output.arguments(call, "\"")
        held.withUnsafeBytes { output.argumentsEscaping(call, $0) }
        held.removeAll(keepingCapacity: held.capacity <= 64 * 1024)
        output.argumentsEscaping(call, bytes)
    }

    /// The value is whole: appends what of it is not out. False when it was too long to be read as what it should be.
    mutating func end(_ output: ParserOutput, _ call: Int) -> Bool {
        if isText || types == nil {
            output.arguments(call, isText ? "\"" : "\"\"")
            return !isTooLong
        }
        let isWholeJSON = isJSON && json.finish()
        held.withUnsafeBytes { text in
            ValueSpelling(text: text, isJSON: isWholeJSON).write(types ?? [], to: output, call)
        }
        return true
    }

    /// The answer ended in the value: appends what came of it, which is no whole JSON value.
    mutating func cut(_ output: ParserOutput, _ call: Int) {
        guard !isText, !held.isEmpty else { return }
        guard isJSON, types != .string else {
            return becomeText(then: UnsafeRawBufferPointer(start: nil, count: 0), output, call)
        }
        var compact = JSONStream()
        held.withUnsafeBytes { _ = compact.consume($0, to: output, call: call) }
    }
}
