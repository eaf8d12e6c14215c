/// The formatting tokens of Harmony, the format of gpt-oss.
package enum HarmonyToken: UInt8, Hashable, Sendable, CaseIterable {
    case start, end, message, channel, constrain, `return`, call

    /// How the token is written.
    package var spelling: StaticString {
        switch self {
        case .start: "<|start|>"
        case .end: "<|end|>"
        case .message: "<|message|>"
        case .channel: "<|channel|>"
        case .constrain: "<|constrain|>"
        case .return: "<|return|>"
        case .call: "<|call|>"
        }
    }
}

/// The ids of Harmony's formatting tokens in a vocabulary.
package struct HarmonyTokens: Hashable, Sendable {
    package var start: UInt32
    package var end: UInt32
    package var message: UInt32
    package var channel: UInt32
    package var constrain: UInt32
    package var `return`: UInt32
    package var call: UInt32
    /// Ends a text in pretraining; ends a message here.
    package var endOfText: UInt32

    /// Those of o200k_harmony, the vocabulary of gpt-oss.
    package static let gptOss = HarmonyTokens(
        start: 200_006, end: 200_007, message: 200_008, channel: 200_005, constrain: 200_003, return: 200_002,
        call: 200_012, endOfText: 199_999)

    /// The id of `token`.
    package func id(_ token: HarmonyToken) -> UInt32 {
        switch token {
        case .start: start
        case .end: end
        case .message: message
        case .channel: channel
        case .constrain: constrain
        case .return: `return`
        case .call: call
        }
    }

    /// What an engine must stop at: the model has answered, or it has called a tool.
    package var assistantActionStops: [UInt32] { [`return`, call] }

    /// The formatting token with this id; the end of text counts as the end of a message.
    @inline(__always)
    func token(_ id: UInt32) -> HarmonyToken? {
        switch id {
        case start: .start
        case end, endOfText: .end
        case message: .message
        case channel: .channel
        case constrain: .constrain
        case `return`: .return
        case call: .call
        default: nil
        }
    }
}
