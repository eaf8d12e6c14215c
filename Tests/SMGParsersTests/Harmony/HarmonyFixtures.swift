import Glibc
import SMGBase
import SMGJSON
import Testing

@testable import SMGParsers

/// Cases of openai-harmony, made by scripts/gen-harmony-fixtures. `SMG_HARMONY_FIXTURES` names a folder with more.
enum HarmonyFixtures {
    /// Calls `body` with every case of a file; returns how many there were.
    @discardableResult
    static func forEach(_ name: String, _ body: (_ number: Int, JSONSlice) throws -> Void) throws -> Int {
        let bytes =
            try getenv("SMG_HARMONY_FIXTURES").map { folder in
                try LocalFiles.system.read("\(String(cString: folder))/\(name).json", 1 << 30)
            } ?? TestFiles.bytes("Fixtures/harmony/\(name).json")
        return try bytes.withUnsafeBytes { bytes in
            var count = 0
            for item in try JSONSlice(parsing: bytes)["cases"]!.elements {
                try body(count, item)
                count += 1
            }
            return count
        }
    }

    /// The message a case describes.
    static func message(_ json: JSONSlice) -> HarmonyMessage {
        let content: HarmonyMessage.Content
        if let system = json["system"] {
            var value = HarmonySystem(date: system["date"]?.string, effort: HarmonyEffort(system["effort"]))
            if let channels = system["channels"] { value.channels = channels.elements.compactMap(\.string) }
            content = .system(value)
        } else if let developer = json["developer"] {
            content = .developer(
                HarmonyDeveloper(
                    instructions: developer["instructions"]?.text.map { .json($0) },
                    tools: FunctionTool.list(developer["tools"])))
        } else {
            content = .text(.json(json["text"]!.text!))
        }
        return HarmonyMessage(
            HarmonyMessage.Role(rawValue: json["role"]!.string!)!, name: json["name"]?.string,
            recipient: json["recipient"]?.string, channel: json["channel"]?.string,
            contentType: json["content_type"]?.string, content)
    }
}

/// One token of an answer: its id and its bytes. Ids of text tokens do not matter to the parser; all are 1.
struct HarmonyAnswerToken: Hashable {
    var id: UInt32
    var bytes: [UInt8]

    static func special(_ name: String) -> HarmonyAnswerToken? {
        if name == "endoftext" { return .init(id: HarmonyTokens.gptOss.endOfText, bytes: Array("<|endoftext|>".utf8)) }
        guard let token = HarmonyToken.allCases.first(where: { $0.spelling.description == "<|\(name)|>" }) else {
            return nil
        }
        return .init(id: HarmonyTokens.gptOss.id(token), bytes: Array(token.spelling.description.utf8))
    }

    /// Reads the fixtures' spelling: names of formatting tokens, bytes of others in hexadecimal.
    static func list(_ text: String) -> [HarmonyAnswerToken] {
        text.split(separator: " ").map { word in
            if let special = special(String(word)) { return special }
            var bytes: [UInt8] = []
            var digits = Substring(word)
            while let byte = UInt8(digits.prefix(2), radix: 16) {
                bytes.append(byte)
                digits = digits.dropFirst(2)
            }
            return HarmonyAnswerToken(id: 1, bytes: bytes)
        }
    }

    /// Reads text in which formatting tokens are spelled: every one becomes its token, the text between one each.
    static func spelled(_ text: String) -> [HarmonyAnswerToken] {
        var result: [HarmonyAnswerToken] = []
        var rest = Substring(text)
        while !rest.isEmpty {
            if rest.hasPrefix("<|"), let close = rest.firstRange(of: "|>"),
                let special = special(String(rest[rest.index(rest.startIndex, offsetBy: 2)..<close.lowerBound]))
            {
                result.append(special)
                rest = rest[close.upperBound...]
            } else {
                let end = rest.dropFirst().firstRange(of: "<|")?.lowerBound ?? rest.endIndex
                result.append(.init(id: 1, bytes: Array(rest[..<end].utf8)))
                rest = rest[end...]
            }
        }
        return result
    }

    /// The same answer with every text token split into its bytes.
    static func split(_ tokens: [HarmonyAnswerToken]) -> [HarmonyAnswerToken] {
        tokens.flatMap { $0.id == 1 ? $0.bytes.map { .init(id: 1, bytes: [$0]) } : [$0] }
    }
}

/// Runs the parser.
enum HarmonyRun {
    static func events(
        _ tokens: [HarmonyAnswerToken], stops: [String] = [], parser: HarmonyParser? = nil
    ) -> [ParserEvent] {
        let parser = parser ?? HarmonyParser(stops: stops)
        let output = ParserOutput(capacity: 64)
        var events: [ParserEvent] = []
        for token in tokens {
            token.bytes.withUnsafeBytes { parser.process(token.id, $0, into: output) }
            events += output.events
            output.clear()
        }
        parser.finish(into: output)
        return SplitCheck.merged(events + output.events)
    }
}
