package import SMGJSON

/// What one rendering of a chat template is about.
///
/// The slices are JSON that was validated; their bytes stay with the caller, and must live until the rendering ends.
package struct ChatTemplateInput {
    /// What is done to messages before the template sees them. By default all of it, as Hugging Face's
    /// `apply_chat_template` does.
    package struct Preparation: OptionSet, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// Members that are null are taken out of messages: many templates would print "None".
        package static let dropsNullMembers = Preparation(rawValue: 1 << 0)
        /// `reasoning_content` is filled from `thinking` or `reasoning`, and `thinking` from the others: templates
        /// disagree about the name.
        package static let sharesReasoning = Preparation(rawValue: 1 << 1)

        package static let all: Preparation = [.dropsNullMembers, .sharesReasoning]
    }

    /// An array of objects.
    package var messages: JSONSlice
    /// An array; nil when the request has none, which templates see as `none`.
    package var tools: JSONSlice?
    /// An array of objects; nil when the request has none, which templates see as `none`.
    package var documents: JSONSlice?
    package var addGenerationPrompt = true
    /// The answer goes on where the final message ends: the rendering is cut behind its content. Not together with
    /// `addGenerationPrompt`.
    package var continueFinalMessage = false
    /// Tokens of the model by name, such as `bos_token`.
    package var specialTokens: [(name: String, text: String)] = []
    /// An object whose members become variables, before all others.
    package var kwargs: JSONSlice?
    /// What `strftime_now` prints.
    package var now: TemplateTime
    package var preparation: Preparation = .all

    package init(messages: JSONSlice, now: TemplateTime) {
        self.messages = messages
        self.now = now
    }
}
