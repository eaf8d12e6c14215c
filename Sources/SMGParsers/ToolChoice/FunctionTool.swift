package import SMGJSON

/// A function that a request offers to the model, as slices of the request.
package struct FunctionTool {
    package let name: String
    /// What it is for; nil when the request does not say.
    package let description: JSONString?
    /// The JSON schema of its arguments; nil when the request has none, or null.
    package let parameters: JSONSlice?

    package init(name: String, description: JSONString? = nil, parameters: JSONSlice? = nil) {
        self.name = name
        self.description = description
        self.parameters = parameters
    }

    /// Reads `{"type":"function","function":{…}}`, the same without the inner object, or a bare function; nil when the
    /// element is no function or has no name.
    package init?(json: JSONSlice) {
        if let type = json["type"], !type.isNull, !type.isEqual(to: "function") { return nil }
        let function = json["function"].flatMap { $0.kind == .object ? $0 : nil } ?? json
        guard let name = function["name"]?.string, !name.isEmpty else { return nil }
        self.name = name
        description = function["description"]?.text
        parameters = function["parameters"].flatMap { $0.isNull ? nil : $0 }
    }

    /// The functions of a request's `tools`, in their order; other kinds of tools are left out. No more than
    /// `ParserLimits.maximumTools`.
    package static func list(_ tools: JSONSlice?) -> [FunctionTool] {
        guard let tools else { return [] }
        return Array(tools.elements.lazy.compactMap(FunctionTool.init(json:)).prefix(ParserLimits.maximumTools))
    }
}
