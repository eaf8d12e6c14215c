/// The templates of one model: most have one, some have others for special uses.
package struct ChatTemplateSet: Sendable {
    private let templates: [(name: String, template: ChatTemplate)]

    /// A model's only template.
    package init(_ template: ChatTemplate) { templates = [("default", template)] }

    /// A model's templates by name, as its `chat_template` array has them.
    package init(_ templates: [(name: String, template: ChatTemplate)]) { self.templates = templates }

    /// The names there are.
    package var names: [String] { templates.map(\.name) }

    /// The template called `name`.
    package subscript(name: String) -> ChatTemplate? {
        templates.last { $0.name == name }?.template
    }

    /// The template for a request: `tool_use` where there are tools and such a template, else `default`. Throws an
    /// error of the code input when neither is there.
    package func template(hasTools: Bool) throws(TemplateError) -> ChatTemplate {
        if hasTools, let template = self["tool_use"] { return template }
        if let template = self["default"] { return template }
        throw TemplateError(
            .input, "the model has several chat templates but none called default: \(names.joined(separator: ", "))",
            line: 0)
    }
}
