/// Why a request cannot become a Harmony conversation. Always the client's mistake: status 400.
package struct HarmonyError: Error, Hashable, Sendable {
    /// The rule that was broken. The raw value is the stable code, safe as a metric label.
    package enum Code: String, Sendable, CaseIterable {
        /// `messages` or `input` is of a kind that holds no messages, or one of its elements is no object.
        case invalidMessages = "invalid_messages"
        /// A message has a role that is not in the API.
        case unknownRole = "unknown_message_role"
        /// A part of a message that this model cannot read: audio.
        case unsupportedContent = "unsupported_content_type"
        /// An input item that this model cannot be told of.
        case unsupportedItem = "unsupported_input_item"
        /// The result of a call that the conversation does not have.
        case unknownCallID = "unknown_call_id"
    }

    package let code: Code
    /// The element of `messages` or `input` it is about.
    package let index: Int

    /// One line for the client. Never quotes the request.
    package var message: String {
        switch code {
        case .invalidMessages: "Element \(index) of the conversation is not a message."
        case .unknownRole: "Message \(index) has an unknown role."
        case .unsupportedContent: "Message \(index) has a content part of a type that this model does not support."
        case .unsupportedItem: "Unsupported input item type at index \(index)."
        case .unknownCallID: "No function call was found for the 'call_id' of input item \(index)."
        }
    }
}
