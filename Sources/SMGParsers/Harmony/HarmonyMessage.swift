internal import SMGBase
package import SMGJSON

/// Text of a message: a string, or strings of a request as they are spelled there, decoded when they are rendered.
/// Those are valid as long as the bytes of the request.
package enum HarmonyText {
    case string(String)
    case json(JSONString)
    /// Several, with a line feed between them.
    case lines([JSONString])

    /// The decoded text.
    package var string: String {
        switch self {
        case .string(let text): text
        case .json(let text): text.string
        case .lines(let texts): texts.map(\.string).joined(separator: "\n")
        }
    }

    /// Whether there is nothing in it.
    package var isEmpty: Bool {
        switch self {
        case .string(let text): text.isEmpty
        case .json(let text): text.raw.isEmpty
        case .lines(let texts): texts.allSatisfy(\.raw.isEmpty)
        }
    }

    func append(to buffer: ByteBuffer) {
        switch self {
        case .string(let text): buffer.append(string: text)
        case .json(let text): text.append(to: buffer)
        case .lines(let texts):
            for (i, text) in texts.enumerated() {
                if i > 0 { buffer.append(UInt8(ascii: "\n")) }
                text.append(to: buffer)
            }
        }
    }
}

/// One message of a Harmony conversation.
package struct HarmonyMessage {
    package enum Role: String, Sendable {
        case system, developer, user, assistant, tool
    }

    package enum Content {
        case text(HarmonyText)
        /// In a system message: who the model is and how it is to work.
        case system(HarmonySystem)
        /// In a developer message: instructions and tools.
        case developer(HarmonyDeveloper)
    }

    package var role: Role
    /// The author's name; for a tool it stands in the place of the role.
    package var name: String?
    /// Whom the message is for, when not everybody.
    package var recipient: String?
    package var channel: String?
    /// What the text is, `json` say; with `<|constrain|>` before it that token is meant.
    package var contentType: String?
    package var content: Content

    package init(
        _ role: Role, name: String? = nil, recipient: String? = nil, channel: String? = nil,
        contentType: String? = nil, _ content: Content
    ) {
        self.role = role
        self.name = name
        self.recipient = recipient
        self.channel = channel
        self.contentType = contentType
        self.content = content
    }
}

/// How much the model is to reason.
package enum HarmonyEffort: String, Sendable {
    case low, medium, high

    /// The effort a request asks for. Harmony has no `minimal`; that is low. Whatever else is medium.
    package init(_ requested: JSONSlice?) {
        guard let requested else {
            self = .medium
            return
        }
        if requested.isEqual(to: "high") {
            self = .high
        } else if requested.isEqual(to: "low") || requested.isEqual(to: "minimal") {
            self = .low
        } else {
            self = .medium
        }
    }
}

/// What the system message says.
package struct HarmonySystem {
    package var identity: String? = "You are ChatGPT, a large language model trained by OpenAI."
    package var knowledgeCutoff: String? = "2024-06"
    /// The current date as `YYYY-MM-DD`.
    package var date: String?
    package var effort: HarmonyEffort? = .medium
    package var channels = ["analysis", "commentary", "final"]
    package var channelRequired = true

    package init(date: String? = nil, effort: HarmonyEffort? = .medium) {
        self.date = date
        self.effort = effort
    }
}

/// What the developer message says.
package struct HarmonyDeveloper {
    package var instructions: HarmonyText?
    /// The functions of the namespace `functions`.
    package var tools: [FunctionTool]

    package init(instructions: HarmonyText? = nil, tools: [FunctionTool] = []) {
        self.instructions = instructions
        self.tools = tools
    }
}
