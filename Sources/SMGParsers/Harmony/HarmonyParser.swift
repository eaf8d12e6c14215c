internal import SMGBase

/// Reads the tokens of a gpt-oss answer, one by one, into events.
///
/// A message to `functions.NAME` is a call; reasoning is the channels `analysis` and `commentary`, what is said to
/// built-in tools, and what the model says in another role; everything else is content. Texts of several messages of
/// one kind are joined by line feeds. A malformed answer loses no text: what is no header is content.
///
/// One parser is one choice of one answer. It begins behind `<|start|>assistant`, where the prompt ends.
package final class HarmonyParser {
    private enum State {
        case expectStart, header, body
        /// A stop string was found; nothing counts any more.
        case stopped
    }

    private enum Sink {
        case reasoning, content
        case call(Int)
    }

    /// Bytes of a header. Real ones stay below 100; what is longer is text.
    private static let maximumHeaderBytes = 1024
    /// Formatting tokens in a header; more are ignored.
    private static let maximumMarks = 16

    private let tokens: HarmonyTokens
    /// No formatting token is below it.
    private let lowest: UInt32

    private var state = State.header
    /// Whether the role was known before the header began.
    private var hasRole = true
    private let headerText = ByteBuffer(capacity: 128)
    private var marks: [HarmonyHeader.Mark] = []

    private var header = HarmonyHeader()
    private var sink = Sink.content
    /// A character whose end has not come.
    private let openText = ByteBuffer(capacity: 64)
    private var countsAsReasoning = false
    /// The state of the open call's arguments.
    private var json = JSONStream()
    private var isObject = false
    private var hasGarbage = false

    private var reasoningJoint = Joint()
    private var contentJoint = Joint()
    private var reasoningStops: StopStrings?
    private var contentStops: StopStrings?

    /// Calls begun so far.
    package private(set) var callCount = 0
    /// Tokens read inside messages of the channels `analysis` and `commentary`.
    package private(set) var reasoningTokenCount = 0

    /// Stop strings count in reasoning and in content, in each by itself; what they match is kept.
    package init(_ tokens: HarmonyTokens = .gptOss, stops: [String] = []) {
        self.tokens = tokens
        lowest = HarmonyToken.allCases.reduce(tokens.endOfText) { min($0, tokens.id($1)) }
        let matcher = StopStrings(stops)
        if !matcher.isEmpty {
            reasoningStops = matcher
            contentStops = matcher
        }
    }

    /// Whether a stop string ended the answer.
    package var isStopped: Bool {
        state == .stopped || reasoningStops?.hasMatch == true || contentStops?.hasMatch == true
    }

    /// The channel, recipient and content type of the message being read; nil between messages.
    package var currentChannel: String? { state == .body ? header.channel : nil }
    package var currentRecipient: String? { state == .body ? header.recipient : nil }
    package var currentContentType: String? { state == .body ? header.contentType : nil }

    /// Reads one token. `bytes` is its text, for formatting tokens their spelling.
    @inline(__always)
    package func process(_ id: UInt32, _ bytes: UnsafeRawBufferPointer, into output: ParserOutput) {
        if id < lowest || tokens.token(id) == nil { text(bytes, output) } else { format(id, bytes, output) }
        if countsAsReasoning { reasoningTokenCount &+= 1 }
    }

    /// The answer is over: appends the events of what was held back. The parser must not be used afterwards.
    package func finish(into output: ParserOutput) {
        if state == .header { flushHeader(output, isCut: true) }
        if state == .body { endMessage(output, isCut: true) }
    }
}

/// Where the texts of several messages are joined.
private struct Joint {
    /// Whether the text has begun.
    var hasText = false
    /// Whether a message began since.
    var isPending = false
}

// MARK: - States

extension HarmonyParser {
    private func text(_ bytes: UnsafeRawBufferPointer, _ output: ParserOutput) {
        switch state {
        case .body: body(bytes, output)
        case .expectStart:
            beginHeader(hasRole: true)
            text(bytes, output)
        case .header:
            headerText.append(bytes)
            if headerText.readableCount > Self.maximumHeaderBytes { flushHeader(output) }
        case .stopped: break
        }
    }

    private func format(_ id: UInt32, _ bytes: UnsafeRawBufferPointer, _ output: ParserOutput) {
        guard let token = tokens.token(id), state != .stopped else { return }
        switch (token, state) {
        case (.start, _):
            // Whitespace between two messages belongs to neither.
            let isLayout = state == .header && marks.isEmpty && headerText.readable.allSatisfy { $0 <= 0x20 }
            if !isLayout { endPart(output) }
            beginHeader(hasRole: false)
        case (.end, _), (.return, _), (.call, _):
            endPart(output)
            if state != .stopped { state = .expectStart }
        case (.message, .body), (.constrain, .body): body(bytes, output)
        case (.message, .header):
            header = HarmonyHeader(headerText.readable, marks: marks, hasRole: hasRole)
            beginBody(rest: header.rest, output)
        case (.message, _):
            beginHeader(hasRole: true)
            header = HarmonyHeader()
            beginBody(rest: [], output)
        case (.channel, .header), (.constrain, .header): mark(token)
        case (.channel, _), (.constrain, _):
            endPart(output)
            guard state != .stopped else { return }
            beginHeader(hasRole: true)
            mark(token)
        }
    }

    private func mark(_ token: HarmonyToken) {
        guard marks.count < Self.maximumMarks else { return }
        marks.append(HarmonyHeader.Mark(offset: headerText.readableCount, token: token))
    }

    private func beginHeader(hasRole: Bool) {
        guard state != .stopped else { return }
        state = .header
        self.hasRole = hasRole
        headerText.clear()
        marks.removeAll(keepingCapacity: true)
    }

    /// What is being read ends here, whatever it is. So does the answer, when a stop string was found and only a longer
    /// one might have followed.
    private func endPart(_ output: ParserOutput) {
        if state == .header { flushHeader(output) }
        if state == .body { endMessage(output) }
        if isStopped {
            state = .stopped
            countsAsReasoning = false
        }
    }

    /// A header that no `<|message|>` ends: what in it is text becomes a message.
    private func flushHeader(_ output: ParserOutput, isCut: Bool = false) {
        header = HarmonyHeader(openEnded: headerText.readable, marks: marks, hasRole: hasRole, isCut: isCut)
        guard let rest = header.rest.first else {
            state = .expectStart
            return
        }
        beginBody(rest: [], output)
        let text = headerText.slice(rest)
        body(text, output)
    }

    /// The header is read: a message begins. Words that have no place in a header are content before it.
    private func beginBody(rest: [Range<Int>], _ output: ParserOutput) {
        state = .body
        if !rest.isEmpty {
            sink = .content
            contentJoint.isPending = contentJoint.hasText
            for (i, word) in rest.enumerated() {
                if i > 0 { withUnsafeBytes(of: UInt8(ascii: " ")) { emit($0, output) } }
                emit(headerText.slice(word), output)
            }
            guard state == .body else { return }
        }
        countsAsReasoning = header.channel == "analysis" || header.channel == "commentary"
        sink = beginSink(output)
    }

    private func beginSink(_ output: ParserOutput) -> Sink {
        let recipient = header.recipient ?? ""
        var name = recipient.hasPrefix("functions.") ? String(recipient.dropFirst("functions.".count)) : ""
        if header.isAssistant, !name.isEmpty {
            let index = callCount
            callCount += 1
            name.withUTF8 { output.beginCall(index, name: UnsafeRawBufferPointer($0)) }
            json = JSONStream()
            isObject = false
            hasGarbage = false
            return .call(index)
        }
        let isBuiltIn = ["python", "browser", "container"].contains { recipient == $0 || recipient.hasPrefix("\($0).") }
        if !header.isAssistant || isBuiltIn || countsAsReasoning {
            reasoningJoint.isPending = reasoningJoint.hasText
            return .reasoning
        }
        contentJoint.isPending = contentJoint.hasText
        return .content
    }
}

// MARK: - Bodies

extension HarmonyParser {
    @inline(__always)
    private func body(_ bytes: UnsafeRawBufferPointer, _ output: ParserOutput) {
        if openText.isEmpty, let last = bytes.last, last < 0x80 { return emit(bytes, output) }
        openText.append(bytes)
        let text = openText.readable
        let whole = text.count &- StreamParser.openCharacter(text)
        guard whole > 0 else { return }
        emit(text.slice(0..<whole), output)
        openText.consume(whole)
    }

    private func emit(_ text: UnsafeRawBufferPointer, _ output: ParserOutput) {
        guard text.count > 0 else { return }
        switch sink {
        case .call(let index):
            judge(text)
            output.arguments(index, text)
        case .reasoning:
            join(&reasoningJoint) { stopAt(&reasoningStops, $0, output.reasoning) }
            stopAt(&reasoningStops, text, output.reasoning)
        case .content:
            join(&contentJoint) { stopAt(&contentStops, $0, output.content) }
            stopAt(&contentStops, text, output.content)
        }
    }

    @inline(__always)
    private func join(_ joint: inout Joint, _ emit: (UnsafeRawBufferPointer) -> Void) {
        if joint.isPending { withUnsafeBytes(of: UInt8(ascii: "\n"), emit) }
        joint = Joint(hasText: true)
    }

    @inline(__always)
    private func stopAt(
        _ stops: inout StopStrings?, _ text: UnsafeRawBufferPointer, _ emit: (UnsafeRawBufferPointer) -> Void
    ) {
        guard stops != nil else { return emit(text) }
        guard state == .body else { return }
        if stops?.accept(text, emit) == true {
            state = .stopped
            countsAsReasoning = false
        }
    }

    /// Follows the arguments' validity.
    private func judge(_ text: UnsafeRawBufferPointer) {
        var at = 0
        if json.status == .open {
            if !json.hasBegun, let first = text.first(where: { $0 > 0x20 }) { isObject = first == UInt8(ascii: "{") }
            at = json.consume(text)
        }
        if at < text.count, text.slice(at..<text.count).contains(where: { $0 > 0x20 }) { hasGarbage = true }
    }

    /// The message being read is over. A character without its end is passed on as it is. `isCut`: no token ended it;
    /// then a call without arguments is not one without parameters.
    private func endMessage(_ output: ParserOutput, isCut: Bool = false) {
        if !openText.isEmpty {
            emit(openText.readable, output)
            openText.clear()
        }
        if case .call(let index) = sink {
            var isWhole = json.hasBegun ? json.finish() && isObject : !isCut
            if !json.hasBegun, isWhole { output.arguments(index, "{}") }
            if hasGarbage { isWhole = false }
            output.endCall(index, complete: isWhole)
        }
        sink = .content
        countsAsReasoning = false
        header = HarmonyHeader()
        if state == .body { state = .expectStart }
    }
}
