import SMGBase
import SMGJSON

@testable import SMGTemplate

/// What holds for any bytes that are taken for a chat template.
enum TemplateProperties {
    private static let messages = #"""
        [{"role": "system", "content": "You help.", "name": null},
         {"role": "user", "content": [{"type": "text", "text": "Héllo <b>"}, {"type": "image"}]},
         {"role": "assistant", "content": null, "reasoning": "Hm\n", "tool_calls": [{"id": "a1", "type": "function",
          "function": {"name": "f", "arguments": {"x": [1, 2.5, -0.0, 1e300, 12345678901234567890], "y": {"z": true}}}}]},
         {"role": "tool", "tool_call_id": "a1", "content": "{\"ok\": \"日本 😀\\u0001\"}"},
         {"role": "user", "content": "  Bye \t\n"}]
        """#
    private static let tools = #"""
        [{"type": "function", "function": {"name": "f", "description": "Does \"it\"",
          "parameters": {"type": "object", "properties": {"x": {"type": "array"}}, "required": ["x"]}}}]
        """#
    private static let kwargs =
        #"{"enable_thinking": false, "x": "a b", "n": 7, "l": ["b", "A", "c"], "d": {"b": 1, "a": [2]}}"#

    /// Bytes of an output that took long enough: it is not rendered again.
    private static let longOutput = 1 << 20

    /// What one rendering comes to.
    private enum Outcome: Equatable {
        case text([UInt8])
        case failure(TemplateError)
    }

    /// The first property that `input` violates; nil when all hold. Nothing traps or takes long, whatever the bytes.
    static func violation(_ input: [UInt8]) -> String? {
        let template: ChatTemplate
        do {
            template = try input.withUnsafeBytes { try ChatTemplate(source: $0) }
        } catch {
            guard let error = error as? TemplateError else { return "an error of another type" }
            return violation(ofCompiling: error, input)
        }
        for continues in [false, true] {
            let first = outcome(template, continues)
            switch first {
            case .text(let text):
                if text.count > TemplateLimits.maximumOutputBytes { return "the output is beyond its bound" }
                if String(validating: text, as: UTF8.self) == nil { return "the output is not UTF-8" }
                if text.count > longOutput { return nil }
            case .failure(let error):
                if error.code == .syntax { return "a syntax error while rendering" }
                if error.line < 0 || error.line > lines(of: input) { return "an error in line \(error.line)" }
                if error.message == "kept" { return "a failed rendering changed the buffer" }
                // What takes a second is not done again.
                if error.code == .limit { return nil }
            }
            if !continues, outcome(template, continues) != first { return "a second rendering differs from the first" }
        }
        return nil
    }

    private static func violation(ofCompiling error: TemplateError, _ input: [UInt8]) -> String? {
        switch error.code {
        case .syntax, .unknownName, .value:
            guard error.line >= 1, error.line <= lines(of: input) else { return "an error in line \(error.line)" }
        case .limit: break
        default: return "\(error.code) while compiling"
        }
        return error.message.isEmpty ? "an error without a message" : nil
    }

    /// Lines of the source, however they end.
    private static func lines(of input: [UInt8]) -> Int {
        1 + input.indices.count { input[$0] == 0x0a && ($0 == 0 || input[$0 - 1] != 0x0d) || input[$0] == 0x0d }
    }

    private static func outcome(_ template: ChatTemplate, _ continues: Bool) -> Outcome {
        let buffers = [messages, tools, kwargs].map { ByteBuffer(Array($0.utf8)) }
        return withExtendedLifetime(buffers) {
            let slices = buffers.compactMap { try? JSONSlice(parsing: $0.readable) }
            var input = ChatTemplateInput(messages: slices[0], now: TemplateTime(seconds: 1_709_211_909, offset: 3600))
            input.tools = slices[1]
            input.kwargs = slices[2]
            input.addGenerationPrompt = !continues
            input.continueFinalMessage = continues
            input.specialTokens = [("bos_token", "<s>"), ("eos_token", "</s>")]
            let out = ByteBuffer(Array("kept".utf8))
            do throws(TemplateError) {
                try template.render(input, into: out)
                return .text(Array(out.readable.dropFirst(4)))
            } catch {
                let isKept = out.readable.elementsEqual("kept".utf8)
                return .failure(isKept ? error : TemplateError(error.code, "kept", line: error.line))
            }
        }
    }
}
