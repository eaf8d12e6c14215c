/// Why a request's tools and its choice among them do not go together. Always the client's mistake: status 400.
package struct ToolChoiceError: Error, Hashable, Sendable {
    /// The rule that was broken. The raw value is the stable code, safe as a metric label.
    package enum Code: String, Sendable, CaseIterable {
        /// `tool_choice` is of no form that the API has.
        case invalidChoice = "invalid_tool_choice"
        /// A call is wanted, or a choice made, and there are no tools.
        case noTools = "tool_choice_without_tools"
        /// The choice names a function that is not among the tools.
        case unknownFunction = "tool_choice_unknown_function"
        /// `mode` of `allowed_tools` is neither `auto` nor `required`.
        case invalidMode = "invalid_allowed_tools_mode"
        /// Two tools define one name under `$defs` differently.
        case conflictingDefinitions = "invalid_tool_configuration"
        /// A call is wanted and so is an answer in JSON: an answer of this model cannot be both.
        case conflictingConstraints = "conflicting_constraints"
    }

    package let code: Code

    init(_ code: Code) { self.code = code }

    /// The request's parameter it is about.
    package var parameter: StaticString {
        switch code {
        case .conflictingDefinitions: "tools"
        case .conflictingConstraints: "response_format"
        default: "tool_choice"
        }
    }

    /// One line for the client. Never quotes the request.
    package var message: StaticString {
        switch code {
        case .invalidChoice: "The parameter 'tool_choice' is of no known form."
        case .noTools: "The parameter 'tool_choice' needs 'tools' to choose from."
        case .unknownFunction: "The parameter 'tool_choice' names a function that is not in 'tools'."
        case .invalidMode: "The mode of 'allowed_tools' must be 'auto' or 'required'."
        case .conflictingDefinitions: "Two tools define the same name in '$defs' differently."
        case .conflictingConstraints: "A required tool call cannot be combined with a JSON response format."
        }
    }
}
