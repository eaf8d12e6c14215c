package import SMGBase
package import SMGJSON

/// What follows from a request's tools and its choice: which tools the model sees, what its output is held to, how the
/// output is read. Points into the request.
package struct ToolPlan {
    /// How the answer is read.
    package enum Reading: Hashable, Sendable {
        /// Calls are not looked for.
        case text
        /// By the parser of the model's format.
        case model
        /// The whole answer is a JSON array of `{"name","parameters"}`: the parser called `json`.
        case array
        /// The whole answer is the arguments of this function.
        case arguments(of: String)
    }

    /// What the engine is to hold the output to.
    package enum Constraint: Hashable, Sendable {
        /// The model's own format, as a structural tag of xgrammar.
        case structuralTag(ToolTagFormat)
        case jsonSchema
    }

    package let choice: ToolChoice
    /// The functions of the request; of two with one name both.
    package let tools: [FunctionTool]
    /// Those that the chat template is given.
    package let shown: [FunctionTool]
    package let reading: Reading
    package let constraint: Constraint?
    /// Whether the answer may hold several calls.
    package let isParallel: Bool

    /// Judges a request.
    ///
    /// - `functions`, `functionCall`: the deprecated spellings, which count when there are no `tools`.
    /// - `parallel`: `parallel_tool_calls`.
    /// - `tags`: the format whose structural tags the engine can be given; nil without a configured tool-call parser
    ///   that has one. A JSON schema takes its place.
    package init(
        tools: JSONSlice?, choice: JSONSlice?, functions: JSONSlice? = nil, functionCall: JSONSlice? = nil,
        parallel: JSONSlice? = nil, tags: ToolTagFormat? = nil
    ) throws(ToolChoiceError) {
        let isDeprecated = tools == nil || tools?.isNull == true
        let all = FunctionTool.list(isDeprecated ? functions : tools)
        let hasTools = !all.isEmpty || tools?.elements.first { _ in true } != nil
        let usesOldChoice = isDeprecated && (choice == nil || choice?.isNull == true)
        let choice =
            usesOldChoice
            ? try ToolChoice(functionCall: functionCall, hasTools: hasTools)
            : try ToolChoice(choice, hasTools: hasTools)
        try self.init(all, choice, hasTools: hasTools, isParallel: parallel?.bool ?? true, tags)
    }

    private init(
        _ tools: [FunctionTool], _ choice: ToolChoice, hasTools: Bool, isParallel: Bool, _ tags: ToolTagFormat?
    ) throws(ToolChoiceError) {
        self.choice = choice
        self.tools = tools
        self.isParallel = isParallel
        if choice != .none, !hasTools { throw ToolChoiceError(.noTools) }
        switch choice {
        case .none, .auto, .required: shown = tools
        case .function(let name): shown = tools.filter { $0.name == name }
        case .allowed(_, let names):
            let known = Set(tools.map(\.name))
            guard names.allSatisfy(known.contains) else { throw ToolChoiceError(.unknownFunction) }
            shown = tools.filter { names.contains($0.name) }
        }
        guard choice.demandsCall else {
            reading = choice == .none || shown.isEmpty ? .text : .model
            constraint = nil
            return
        }
        if case .function = choice, shown.isEmpty { throw ToolChoiceError(.unknownFunction) }
        if shown.isEmpty { throw ToolChoiceError(.noTools) }
        if let tags {
            reading = .model
            constraint = .structuralTag(tags)
        } else if case .function(let name) = choice {
            reading = .arguments(of: name)
            constraint = .jsonSchema
        } else {
            reading = .array
            constraint = .jsonSchema
        }
    }

    /// Whether the decoder may leave special tokens out of the text. It may not while tool calls are looked for in the
    /// model's own format, nor when the reasoning parser needs them; otherwise the request decides.
    ///
    /// - `requested`: the request's `skip_special_tokens`; true when it does not say.
    package func skipsSpecialTokens(requested: Bool?, reasoningNeedsThem: Bool = false) -> Bool {
        if reading == .model || reasoningNeedsThem { return false }
        return requested ?? true
    }

    /// Appends the constraint's JSON: a schema or a structural tag. Nothing when there is none.
    package func appendConstraint(to buffer: ByteBuffer) throws(ToolChoiceError) {
        switch constraint {
        case nil: return
        case .structuralTag(let format):
            format.append(shown, stopsAfterFirst: stopsAfterFirst, to: buffer)
        case .jsonSchema:
            if case .arguments = reading, let tool = shown.first {
                var writer = JSONWriter(buffer)
                writer.schema(tool)
            } else {
                try ToolArraySchema.append(shown, isParallel: isParallel, to: buffer)
            }
        }
    }

    private var stopsAfterFirst: Bool {
        if case .function = choice { return true }
        return !isParallel
    }
}

extension JSONWriter {
    /// The schema of a function's arguments; one that has none takes an empty object.
    mutating func schema(_ tool: FunctionTool) {
        guard let parameters = tool.parameters else {
            beginObject()
            key("type")
            string("object")
            key("properties")
            beginObject()
            endObject()
            return endObject()
        }
        raw(parameters.bytes)
    }
}
