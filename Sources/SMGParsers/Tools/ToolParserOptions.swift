/// What a tool-call parser is told of its request.
package struct ToolParserOptions: Sendable {
    /// What becomes of a call to a function that the request does not offer.
    package enum UnknownTools: Sendable {
        /// It is a call like any other; nothing the model wrote is lost.
        case forward
        /// Its text is content.
        case asContent
    }

    /// The functions the request offers.
    package var tools: ToolSet
    package var unknownTools: UnknownTools

    package init(tools: ToolSet = .none, unknownTools: UnknownTools = .forward) {
        self.tools = tools
        self.unknownTools = unknownTools
    }

    /// Whether a call of this name is a call, and not content. Makes a string: ask once per call.
    func accepts(_ name: UnsafeRawBufferPointer) -> Bool {
        unknownTools == .forward || tools.knows(name)
    }
}
