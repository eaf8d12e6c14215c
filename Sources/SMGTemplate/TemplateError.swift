/// Why a template cannot be parsed or rendered, and where.
package struct TemplateError: Error, Hashable, Sendable {
    /// What kind of fault it is. The raw value is the stable code, safe as a metric label.
    package enum Code: String, Sendable, CaseIterable {
        /// The source does not follow the grammar.
        case syntax = "template_syntax"
        /// An operation that its operands do not allow, such as a number added to a string.
        case type = "template_type"
        /// An undefined value used for more than printing, testing and iterating.
        case undefined = "template_undefined"
        /// Operands of the right type with an impossible value: division by zero, integers beyond 64 bits.
        case value = "template_value"
        /// Something the sandbox forbids, such as changing a list.
        case forbidden = "template_forbidden"
        /// The input is not what a chat template takes, or the final message cannot be continued.
        case input = "template_input"
        /// A filter, test, function or method that does not exist.
        case unknownName = "template_unknown_name"
        /// Arguments that the callee does not take.
        case arguments = "template_arguments"
        /// The template called `raise_exception`; `message` is what it said.
        case raised = "template_raised"
        /// A bound of `TemplateLimits` is reached: steps, output, depth, source.
        case limit = "template_limit_exceeded"
    }

    package let code: Code
    /// One line for people.
    package let message: String
    /// Line of the template, counted from 1; 0 when there is no place.
    package let line: Int

    package init(_ code: Code, _ message: String, line: Int) {
        self.code = code
        self.message = message
        self.line = line
    }
}
