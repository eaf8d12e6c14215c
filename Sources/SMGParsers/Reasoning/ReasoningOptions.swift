internal import SMGBase
package import SMGJSON

/// What a reasoning parser is told of its request.
package struct ReasoningOptions: Hashable, Sendable {
    /// Whether the answer begins inside the reasoning though the format does not say so: the prompt opened it.
    package var started: Bool
    /// Whether reasoning is passed on as it comes, and not in one piece at its end.
    package var streams: Bool

    package init(started: Bool = false, streams: Bool = true) {
        self.started = started
        self.streams = streams
    }
}

/// How a chat template lets a request switch the reasoning.
package enum ReasoningToggle: Hashable, Sendable {
    /// It does not.
    case none
    /// It reasons unless told not to.
    case defaultOn
    /// It reasons only when told to.
    case defaultOff

    /// Whether the prompt of a request opens the reasoning, so that the answer begins inside it.
    package func opensReasoning(wanted: Bool?) -> Bool {
        switch self {
        case .none: false
        case .defaultOn: wanted != false
        case .defaultOff: wanted == true
        }
    }

    /// What a request says about reasoning: its `chat_template_kwargs` under the `key` that the template uses
    /// (`enable_thinking` or `thinking`), else an effort of `none` or `minimal`, which means no. Nil when it says nothing.
    package static func wanted(
        kwargs: JSONSlice?, key: StaticString, effort: JSONSlice?
    ) -> Bool? {
        if let said = kwargs?[key]?.bool { return said }
        guard let effort, effort.isEqual(to: "none") || effort.isEqual(to: "minimal") else { return nil }
        return false
    }
}
