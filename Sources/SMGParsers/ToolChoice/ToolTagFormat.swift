internal import SMGBase
internal import SMGJSON

/// The formats of tool calls that an engine can be held to: text stays free until a trigger, then one of the tags must
/// follow, with arguments that fit the function's schema. Written as structural tags of xgrammar.
package enum ToolTagFormat: String, Sendable, CaseIterable {
    case mistral, kimiK2 = "kimik2", kimiK3 = "kimi_k3", inkling, harmony

    /// The format of the tool-call parser of this name; nil when it has none.
    package init?(parser name: String) { self.init(rawValue: name) }

    /// Appends the structural tag for `tools`, of which at least one must be called.
    func append(_ tools: [FunctionTool], stopsAfterFirst: Bool, to buffer: ByteBuffer) {
        var tag = StructuralTag(buffer)
        switch self {
        case .mistral: mistral(tools, stopsAfterFirst, &tag)
        case .kimiK2: kimiK2(tools, stopsAfterFirst, &tag)
        case .kimiK3: kimiK3(tools, stopsAfterFirst, &tag)
        case .inkling:
            let trigger = "<|content_invoke_tool_json|>"
            tag.triggered(by: [trigger], stopsAfterFirst: stopsAfterFirst) { tag in
                for tool in tools {
                    tag.tag("\(trigger){\"name\": \(Self.quoted(tool.name)), \"args\": ", "}<|end_message|>") {
                        $0.schema(tool)
                    }
                }
            }
        case .harmony:
            let channel = "<|channel|>commentary"
            let whole = "<|start|>assistant\(channel)"
            tag.triggered(by: [whole, channel], stopsAfterFirst: stopsAfterFirst) { tag in
                for tool in tools {
                    for begin in [whole, channel] {
                        tag.tag("\(begin) to=functions.\(tool.name)<|constrain|>json<|message|>", "") {
                            $0.schema(tool)
                        }
                    }
                }
            }
        }
        tag.end()
    }

    /// `[TOOL_CALLS] [{…}, {…}]`
    private func mistral(_ tools: [FunctionTool], _ stopsAfterFirst: Bool, _ tag: inout StructuralTag) {
        tag.triggered(by: ["[TOOL_CALLS]"], stopsAfterFirst: true) { tag in
            tag.tag("[TOOL_CALLS] [", "]") { tag in
                tag.separated(by: ", ", stopsAfterFirst: stopsAfterFirst) { tag in
                    for tool in tools {
                        tag.tag("{\"name\": \(Self.quoted(tool.name)), \"arguments\": ", "}") { $0.schema(tool) }
                    }
                }
            }
        }
    }

    /// The first call opens the section, further ones need not. The number behind the name counts the conversation's
    /// calls, which nobody here knows.
    private func kimiK2(_ tools: [FunctionTool], _ stopsAfterFirst: Bool, _ tag: inout StructuralTag) {
        let section = "<|tool_calls_section_begin|>"
        let call = "<|tool_call_begin|>"
        tag.triggered(by: [section, call], stopsAfterFirst: stopsAfterFirst) { tag in
            for tool in tools {
                for begin in [section + call, call] {
                    tag.tag("\(begin)functions.\(tool.name):", "<|tool_call_end|>") { tag in
                        tag.sequence {
                            $0.regex("\\d+")
                            $0.constant("<|tool_call_argument_begin|>")
                            $0.schema(tool)
                        }
                    }
                }
            }
        }
    }

    /// Arguments are elements of their own here; xgrammar knows how to write a schema so.
    private func kimiK3(_ tools: [FunctionTool], _ stopsAfterFirst: Bool, _ tag: inout StructuralTag) {
        tag.triggered(by: ["<|open|>tools<|sep|>"], stopsAfterFirst: true) { tag in
            tag.tag("<|open|>tools<|sep|>", "<|close|>tools<|sep|>") { tag in
                tag.separated(by: "", stopsAfterFirst: stopsAfterFirst) { tag in
                    for tool in tools {
                        tag.tag("<|open|>call tool=\(Self.quoted(tool.name)) index=\"", "<|close|>call<|sep|>") { tag in
                            tag.sequence {
                                $0.regex("\\d+")
                                $0.constant("\"<|sep|>")
                                $0.schema(tool, style: "kimi_k3_xml")
                            }
                        }
                    }
                }
            }
        }
    }

    /// A JSON string.
    private static func quoted(_ text: String) -> String {
        let buffer = ByteBuffer(capacity: text.utf8.count + 2)
        var writer = JSONWriter(buffer)
        writer.string(text)
        return buffer.readableString
    }
}
