/// Why a tokenizer cannot be made or cannot do what it was asked.
package struct TokenizerError: Error, Hashable, Sendable {
    /// What kind of fault it is. The raw value is the stable code, safe as a metric label.
    package enum Code: String, Sendable, CaseIterable {
        /// A file, directory or name that is not there or cannot be read.
        case sourceNotFound = "tokenizer_source_not_found"
        /// A model could not be fetched from the hub, or not be kept; the same call may succeed later.
        case downloadFailed = "tokenizer_download_failed"
        /// The source is there, but is none of the formats this library reads.
        case unknownFormat = "tokenizer_unknown_format"
        /// The source is of a known format and is malformed, truncated or contradicts itself.
        case malformed = "tokenizer_malformed"
        /// The source asks for a component this library does not have; `message` names it.
        case unsupportedComponent = "tokenizer_unsupported_component"
        /// A bound of `TokenizerLimits` is reached.
        case limit = "tokenizer_limit_exceeded"
        /// An id that the vocabulary does not have.
        case unknownToken = "tokenizer_unknown_token"
        /// A text that the model cannot express and that has no unknown token.
        case cannotEncode = "tokenizer_cannot_encode"
        /// Too much of the kind is going on; the same call may succeed later.
        case busy = "tokenizer_busy"
        /// There is no chat template.
        case noChatTemplate = "chat_template_missing"
        /// The chat template cannot be parsed or ended with an error; `message` has the template's own words.
        case chatTemplate = "chat_template_error"
    }

    package let code: Code
    /// One line for people. Holds places, names of components and limits, never text that was to be encoded.
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
