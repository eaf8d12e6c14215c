import SMGBase
import SMGJSON
import Testing

@testable import SMGParsers

/// The constraints of `constraints.json`, which scripts/check-structural-tags proves with xgrammar.
@Suite struct ConstraintTests {
    private static func constraint(_ item: JSONSlice) throws -> String {
        let format = item["format"]?.string.flatMap(ToolTagFormat.init(rawValue:))
        let plan = try ToolPlan(
            tools: item["tools"], choice: item["tool_choice"], parallel: item["parallel_tool_calls"], tags: format)
        let buffer = ByteBuffer(capacity: 256)
        if format == .harmony {
            try HarmonyConstraint.append(plan, format: item["response_format"], to: buffer)
        } else {
            try plan.appendConstraint(to: buffer)
        }
        return buffer.readableString
    }

    @Test func constraintsAreTheProvenOnes() throws {
        let bytes = try TestFiles.bytes("Fixtures/toolchoice/constraints.json")
        try bytes.withUnsafeBytes { bytes in
            var count = 0
            for item in try JSONSlice(parsing: bytes)["cases"]!.elements {
                let found = try Self.constraint(item)
                let expected = ByteBuffer(capacity: 256)
                if let constraint = item["constraint"] { JSONText.append(constraint, to: expected) }
                let compact = ByteBuffer(capacity: 256)
                Array(found.utf8).withUnsafeBytes { JSONText.append(JSONSlice(validated: $0), to: compact) }
                #expect(compact.readableString == expected.readableString, "case \(count)")
                count += 1
            }
            #expect(count == 14)
        }
    }

    /// What an engine is held to, the model's parser reads: every accepted answer with calls is nothing but calls.
    @Test func acceptedAnswersAreCallsToTheParsers() throws {
        try TestFiles.bytes("Fixtures/toolchoice/constraints.json").withUnsafeBytes { bytes in
            for item in try JSONSlice(parsing: bytes)["cases"]!.elements {
                guard let format = item["format"]?.string, item["response_format"] == nil else { continue }
                let entry = ToolParserRegistry.entry(named: format)
                guard format == "harmony" || entry != nil else { continue }
                for answer in item["accepts"]!.elements.compactMap(\.string) {
                    let events =
                        format == "harmony"
                        ? HarmonyRun.events(HarmonyAnswerToken.spelled(answer))
                        : SplitCheck.events(Array(answer.utf8)) { entry!.make(ToolParserOptions()) }
                    let parsed = try #require(ParsedAnswer(events))
                    #expect(!parsed.calls.isEmpty && parsed.calls.allSatisfy(\.complete), "\(format): \(answer)")
                    #expect(parsed.content.isEmpty, "\(format): \(answer)")
                    #expect(["weather", "clock"].contains(parsed.calls[0].name))
                }
            }
        }
    }
}
