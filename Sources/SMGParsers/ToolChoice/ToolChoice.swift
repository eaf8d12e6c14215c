internal import SMGBase
package import SMGJSON

/// What a request says about calling tools.
package enum ToolChoice: Hashable, Sendable {
    /// The model is not to call.
    case none
    /// The model decides.
    case auto
    /// It must call something.
    case required
    /// It must call this function.
    case function(String)
    /// As `auto` or `required`, with these functions only.
    case allowed(required: Bool, names: [String])

    /// Reads `tool_choice` of chat completions and of responses. Absent or null means `auto` when there are tools and
    /// `none` when there are none.
    package init(_ choice: JSONSlice?, hasTools: Bool) throws(ToolChoiceError) {
        guard let choice, !choice.isNull else {
            self = hasTools ? .auto : .none
            return
        }
        if choice.kind == .object {
            self = try Self.object(choice)
        } else if choice.isEqual(to: "none") {
            self = .none
        } else if choice.isEqual(to: "auto") {
            self = .auto
        } else if choice.isEqual(to: "required") || choice.isEqual(to: "any") {
            self = .required
        } else {
            throw ToolChoiceError(.invalidChoice)
        }
    }

    /// Reads the deprecated `function_call`: `"none"`, `"auto"` or `{"name": …}`.
    package init(functionCall choice: JSONSlice?, hasTools: Bool) throws(ToolChoiceError) {
        if let name = choice?["name"]?.string {
            self = .function(name)
        } else {
            guard choice?.kind != .object, choice?.isEqual(to: "required") != true else {
                throw ToolChoiceError(.invalidChoice)
            }
            try self.init(choice, hasTools: hasTools)
        }
    }

    private static func object(_ choice: JSONSlice) throws(ToolChoiceError) -> ToolChoice {
        guard let type = choice["type"] else { throw ToolChoiceError(.invalidChoice) }
        if type.isEqual(to: "function") {
            guard let name = name(choice) else { throw ToolChoiceError(.invalidChoice) }
            return .function(name)
        }
        guard type.isEqual(to: "allowed_tools") else { throw ToolChoiceError(.invalidChoice) }
        // Chat completions have the list inside an object of that name, responses have not.
        let list = choice["allowed_tools"].flatMap { $0.kind == .object ? $0 : nil } ?? choice
        guard let mode = list["mode"], mode.isEqual(to: "auto") || mode.isEqual(to: "required") else {
            throw ToolChoiceError(.invalidMode)
        }
        guard let tools = list["tools"], tools.kind == .array else { throw ToolChoiceError(.invalidChoice) }
        var names: [String] = []
        for tool in tools.elements.prefix(ParserLimits.maximumTools) {
            // Tools of other kinds are not the model's to call.
            if let type = tool["type"], !type.isEqual(to: "function") { continue }
            guard let name = name(tool) else { throw ToolChoiceError(.invalidChoice) }
            names.append(name)
        }
        return .allowed(required: mode.isEqual(to: "required"), names: names)
    }

    /// The name in `{"function":{"name"}}` or in `{"name"}`.
    private static func name(_ json: JSONSlice) -> String? { json["function"]?["name"]?.string ?? json["name"]?.string }

    /// Whether an answer without a call is against the request.
    package var demandsCall: Bool {
        switch self {
        case .required, .function, .allowed(required: true, _): true
        case .none, .auto, .allowed: false
        }
    }
}
