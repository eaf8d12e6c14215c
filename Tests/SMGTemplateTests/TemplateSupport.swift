import SMGBase
import SMGJSON
import Testing

@testable import SMGTemplate

/// A rendering as tests describe it: everything as JSON text.
struct Conversation {
    var messages = #"[{"role": "user", "content": "Hi"}]"#
    var tools: String?
    var documents: String?
    var kwargs = "{}"
    var addGenerationPrompt = true
    var continueFinalMessage = false
    var specialTokens: [(name: String, text: String)] = []
    var preparation: ChatTemplateInput.Preparation = .all
    /// 2024-02-29 13:05:09.123456, a Thursday, in a zone that is UTC.
    var now = TemplateTime(seconds: 1_709_211_909, offset: 0, microseconds: 123_456)

    init() {}

    init(_ messages: String) { self.messages = messages }

    init(kwargs: String) { self.kwargs = kwargs }

    func render(_ template: ChatTemplate) throws -> String {
        let buffers = [messages, tools ?? "null", documents ?? "null", kwargs].map { ByteBuffer(Array($0.utf8)) }
        let slices = try buffers.map { try JSONSlice(parsing: $0.readable) }
        var input = ChatTemplateInput(messages: slices[0], now: now)
        if tools != nil { input.tools = slices[1] }
        if documents != nil { input.documents = slices[2] }
        input.kwargs = slices[3]
        input.addGenerationPrompt = addGenerationPrompt
        input.continueFinalMessage = continueFinalMessage
        input.specialTokens = specialTokens
        input.preparation = preparation
        return try withExtendedLifetime(buffers) { try template.render(input).readableString }
    }

    func render(_ source: String) throws -> String { try render(ChatTemplate(source: source)) }

    /// Why `source` cannot be compiled or rendered; nil when it can.
    func failure(_ source: String) -> TemplateError? {
        do { _ = try render(source) } catch { return error as? TemplateError }
        return nil
    }
}

/// What `source` prints for a message "Hi" of a user.
func rendered(_ source: String, kwargs: String = "{}") throws -> String {
    try Conversation(kwargs: kwargs).render(source)
}

/// Why `source` fails; nil when it does not.
func failure(_ source: String, kwargs: String = "{}") -> TemplateError? {
    Conversation(kwargs: kwargs).failure(source)
}

/// The code `source` fails with; nil when it does not fail.
func failureCode(_ source: String, kwargs: String = "{}") -> TemplateError.Code? {
    failure(source, kwargs: kwargs)?.code
}

/// A template and what the reference prints for it.
struct Printed: CustomTestStringConvertible, Sendable {
    let source: String
    let text: String

    init(_ source: String, _ text: String) {
        self.source = source
        self.text = text
    }

    var testDescription: String { source }
}

/// A template that fails, with the code and the line of its error.
struct Failing: CustomTestStringConvertible, Sendable {
    let source: String
    let code: TemplateError.Code
    let message: String
    let line: Int

    init(_ source: String, _ code: TemplateError.Code, _ message: String, line: Int = 1) {
        self.source = source
        self.code = code
        self.message = message
        self.line = line
    }

    var testDescription: String { source }
}
