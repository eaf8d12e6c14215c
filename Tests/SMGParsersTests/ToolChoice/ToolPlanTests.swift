import SMGBase
import SMGJSON
import Testing

@testable import SMGParsers

@Suite struct ToolPlanTests {
    private static let tools = #"""
        [{"type":"function","function":{"name":"a","parameters":{"type":"object"}}},
         {"type":"function","function":{"name":"b"}}, {"type":"web_search"}]
        """#

    /// What a plan amounts to, free of the request's bytes.
    private struct Outcome: Equatable {
        var shown: [String]
        var reading: ToolPlan.Reading
        var constraint: ToolPlan.Constraint?
    }

    private func plan<Result>(
        _ body: String, tags: ToolTagFormat? = nil, _ use: (ToolPlan) throws -> Result
    ) throws -> Result {
        try Array(body.utf8).withUnsafeBytes { bytes in
            let body = try JSONSlice(parsing: bytes)
            return try use(
                try ToolPlan(
                    tools: body["tools"], choice: body["tool_choice"], functions: body["functions"],
                    functionCall: body["function_call"], parallel: body["parallel_tool_calls"], tags: tags))
        }
    }

    private func outcome(_ choice: String?, tags: ToolTagFormat? = nil, tools: String? = tools) throws -> Outcome {
        let parts = [tools.map { "\"tools\":\($0)" }, choice.map { "\"tool_choice\":\($0)" }].compactMap { $0 }
        return try plan("{\(parts.joined(separator: ","))}", tags: tags) {
            Outcome(shown: $0.shown.map(\.name), reading: $0.reading, constraint: $0.constraint)
        }
    }

    private func code(_ choice: String?, tools: String? = tools) -> ToolChoiceError.Code? {
        do {
            _ = try outcome(choice, tools: tools)
            return nil
        } catch { return (error as? ToolChoiceError)?.code }
    }

    @Test func everyChoiceHasItsPlan() throws {
        let both = ["a", "b"]
        #expect(try outcome(nil) == Outcome(shown: both, reading: .model, constraint: nil))
        #expect(try outcome("null") == Outcome(shown: both, reading: .model, constraint: nil))
        #expect(try outcome("\"auto\"") == Outcome(shown: both, reading: .model, constraint: nil))
        #expect(try outcome("\"none\"") == Outcome(shown: both, reading: .text, constraint: nil))
        #expect(try outcome("\"required\"") == Outcome(shown: both, reading: .array, constraint: .jsonSchema))
        #expect(
            try outcome("\"required\"", tags: .mistral)
                == Outcome(shown: both, reading: .model, constraint: .structuralTag(.mistral)))
        for named in [#"{"type":"function","function":{"name":"b"}}"#, #"{"type":"function","name":"b"}"#] {
            #expect(try outcome(named) == Outcome(shown: ["b"], reading: .arguments(of: "b"), constraint: .jsonSchema))
        }
        #expect(
            try outcome(#"{"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"b"}]}"#)
                == Outcome(shown: ["b"], reading: .model, constraint: nil))
        #expect(
            try outcome(
                #"""
                {"type":"allowed_tools","allowed_tools":{"mode":"required",
                 "tools":[{"type":"function","function":{"name":"a"}},{"type":"web_search"}]}}
                """#) == Outcome(shown: ["a"], reading: .array, constraint: .jsonSchema))
        #expect(try outcome(nil, tools: nil) == Outcome(shown: [], reading: .text, constraint: nil))
        #expect(try outcome("\"none\"", tools: nil) == Outcome(shown: [], reading: .text, constraint: nil))
        #expect(
            try outcome(#"{"type":"allowed_tools","mode":"auto","tools":[]}"#)
                == Outcome(shown: [], reading: .text, constraint: nil))
    }

    @Test func whatDoesNotGoTogetherIsRefused() {
        #expect(code("\"auto\"", tools: nil) == .noTools)
        #expect(code("\"required\"", tools: "[]") == .noTools)
        #expect(code("\"sometimes\"") == .invalidChoice)
        #expect(code("7") == .invalidChoice)
        #expect(code(#"{"type":"function"}"#) == .invalidChoice)
        #expect(code(#"{"type":"web_search"}"#) == .invalidChoice)
        #expect(code(#"{"function":{"name":"a"}}"#) == .invalidChoice)
        #expect(code(#"{"type":"function","function":{"name":"zzz"}}"#) == .unknownFunction)
        #expect(code(#"{"type":"allowed_tools","mode":"always","tools":[]}"#) == .invalidMode)
        #expect(code(#"{"type":"allowed_tools","tools":[]}"#) == .invalidMode)
        #expect(code(#"{"type":"allowed_tools","mode":"auto"}"#) == .invalidChoice)
        #expect(
            code(#"{"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"z"}]}"#)
                == .unknownFunction)
        #expect(code(#"{"type":"allowed_tools","mode":"required","tools":[]}"#) == .noTools)
    }

    @Test func deprecatedParametersCountWithoutTools() throws {
        let functions = #""functions":[{"name":"f","parameters":{"type":"object"}}]"#
        try plan("{\(functions)}") {
            #expect($0.choice == .auto)
            #expect($0.shown.map(\.name) == ["f"])
        }
        try plan("{\(functions),\"function_call\":\"none\"}") { #expect($0.choice == .none) }
        try plan("{\(functions),\"function_call\":{\"name\":\"f\"}}") { #expect($0.choice == .function("f")) }
        try plan("{\(functions),\"tools\":\(Self.tools)}") { #expect($0.shown.map(\.name) == ["a", "b"]) }
        #expect(throws: ToolChoiceError(.invalidChoice)) {
            try plan("{\(functions),\"function_call\":\"required\"}") { _ in }
        }
        #expect(throws: ToolChoiceError(.noTools)) { try plan("{\"function_call\":{\"name\":\"f\"}}") { _ in } }
    }

    @Test func deprecatedParametersAreRewritten() throws {
        func written(_ json: String, _ write: (JSONSlice, inout JSONWriter) -> Void) throws -> String {
            let buffer = ByteBuffer(capacity: 64)
            var writer = JSONWriter(buffer)
            try Array(json.utf8).withUnsafeBytes { write(try JSONSlice(parsing: $0), &writer) }
            return buffer.readableString
        }
        #expect(
            try written(#"[{"name":"f"}]"#, DeprecatedFunctions.writeTools)
                == #"[{"type":"function","function":{"name":"f"}}]"#)
        #expect(try written("\"auto\"", DeprecatedFunctions.writeChoice) == "\"auto\"")
        #expect(
            try written(#"{"name":"f"}"#, DeprecatedFunctions.writeChoice)
                == #"{"type":"function","function":{"name":"f"}}"#)
    }

    @Test func specialTokensStayWhereAParserNeedsThem() throws {
        func skips(_ choice: String, _ requested: Bool?, tags: ToolTagFormat? = nil, reasoning: Bool = false) throws
            -> Bool
        {
            try plan("{\"tools\":\(Self.tools),\"tool_choice\":\(choice)}", tags: tags) {
                $0.skipsSpecialTokens(requested: requested, reasoningNeedsThem: reasoning)
            }
        }
        #expect(try !skips("\"auto\"", true))
        #expect(try !skips("\"required\"", true, tags: .mistral))
        #expect(try skips("\"required\"", nil))
        #expect(try !skips("\"required\"", false))
        #expect(try skips("\"none\"", nil))
        #expect(try !skips("\"none\"", true, reasoning: true))
    }

    @Test func definitionsThatDisagreeAreRefused() throws {
        func tools(_ second: String) -> String {
            func tool(_ name: String, _ definition: String) -> String {
                #"{"type":"function","function":{"name":"\#(name)","parameters":{"$defs":{"X":\#(definition)}}}}"#
            }
            return
                "{\"tool_choice\":\"required\",\"tools\":[\(tool("a", #"{"type":"string","minLength":1.0}"#)),\(tool("b", second))]}"
        }
        let buffer = ByteBuffer(capacity: 64)
        try plan(tools(#"{ "minLength": 1.00, "type": "\u0073tring" }"#)) { try $0.appendConstraint(to: buffer) }
        #expect(buffer.readableString.hasSuffix(#""$defs":{"X":{"type":"string","minLength":1.0}}}"#))
        #expect(throws: ToolChoiceError(.conflictingDefinitions)) {
            try plan(tools(#"{"type":"integer"}"#)) { try $0.appendConstraint(to: buffer) }
        }
    }

    @Test func harmonyHoldsToOneConstraintAtMost() throws {
        let format = #"{"type":"json_object"}"#
        let buffer = ByteBuffer(capacity: 64)
        try Array(format.utf8).withUnsafeBytes { bytes in
            let format = try JSONSlice(parsing: bytes)
            #expect(throws: ToolChoiceError(.conflictingConstraints)) {
                try plan("{\"tools\":\(Self.tools),\"tool_choice\":\"required\"}", tags: .harmony) {
                    try HarmonyConstraint.append($0, format: format, to: buffer)
                }
            }
            try plan("{}", tags: .harmony) { (plan) throws in
                let appended = try HarmonyConstraint.append(plan, format: format, to: buffer)
                #expect(appended)
                #expect(buffer.readableString.contains(#""json_schema":{"type":"object"}"#))
            }
        }
        try plan("{\"tools\":\(Self.tools)}", tags: .harmony) { (plan) throws in
            let appended = try HarmonyConstraint.append(plan, format: nil, to: buffer)
            #expect(!appended)
        }
    }

    @Test func namesAreEscapedInsideTags() throws {
        let buffer = ByteBuffer(capacity: 64)
        try plan(
            #"{"tools":[{"type":"function","function":{"name":"a\"b"}}],"tool_choice":"required"}"#, tags: .mistral
        ) {
            try $0.appendConstraint(to: buffer)
        }
        #expect(buffer.readableString.contains(#"{\"name\": \"a\\\"b\", \"arguments\": "#))
    }

    @Test func errorsSayWhatTheyAreAbout() {
        for code in ToolChoiceError.Code.allCases {
            let error = ToolChoiceError(code)
            #expect(!error.message.description.isEmpty && !error.parameter.description.isEmpty)
        }
    }
}
