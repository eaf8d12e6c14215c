import Testing

@testable import SMGBase

@Suite struct OptionValuesTests {
    private let document = DocumentNode(
        .mapping([.init(key: "name", line: 4, value: DocumentNode(.quoted("file"), line: 4))]), line: 1)

    @Test func strongerSourcesWinInAnyOrder() throws {
        let steps: [(inout OptionValues) throws -> Void] = [
            { try $0.apply(environment: { $0 == "T_NAME" ? "environment" : nil }) },
            { [document] in try $0.apply(document: document, name: "f", rules: .yaml) },
            { try $0.apply(arguments: ["--name", "arguments"]) },
        ]
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [2, 0, 1]] {
            var values = OptionValues(table: testTable)
            for index in order { try steps[index](&values) }
            #expect(values.text("name") == "arguments" && values.origin(of: "name") == .arguments)
        }
        var values = OptionValues(table: testTable)
        try steps[1](&values)
        try steps[0](&values)
        #expect(values.text("name") == "file" && values.origin(of: "name") == .document(name: "f", line: 4))
    }

    @Test func emptyVariablesAreAbsent() throws {
        var values = OptionValues(table: testTable)
        try values.apply(environment: { _ in "" })
        #expect(values.textIfAny("name") == nil)
        #expect(throws: ConfigurationError.self) { try values.apply(environment: { _ in "a\u{7}" }) }
    }

    @Test func errorsOfVariablesNameThem() {
        var values = OptionValues(table: testTable)
        do {
            try values.apply(environment: { $0 == "T_TOKEN" ? "s3cr3t\u{1}" : nil })
            Issue.record("accepted")
        } catch {
            #expect(error.description == "T_TOKEN: must not contain control characters or line breaks")
            #expect(error.option == "token" && error.code == .invalidValue)
        }
    }

    @Test func describesItselfWithoutSecrets() throws {
        let values = try parsed(["--token=s3cr3t", "--hosts=\u{2028}x", "--share=1", "--file", "/a b"]).get()
        let yaml = values.dumpYAML()
        #expect(
            yaml == """
                # First
                flag: false  # default
                count: 3  # default
                share: 1  # from the command line
                wait_secs: 2  # default
                pause_ms: null  # default

                # Second
                name: null  # default
                file: "/a b"  # from the command line
                token: "[redacted]"  # from the command line
                mode: "fast"  # default
                hosts: ["\\u2028x"]  # from the command line
                steps: [1, 2.5]  # default

                """)
        let json = values.dumpJSON()
        #expect(json.contains("\"token\": \"[redacted]\"") && json.contains("\"steps\": [1, 2.5]"))
        for text in [yaml, json, "\(values)", String(reflecting: values)] { #expect(!text.contains("s3cr3t")) }
        var dumped = ""
        dump(values, to: &dumped)
        #expect(!dumped.contains("s3cr3t"))
        #expect(errorLine(["--token", "[redacted]"]) == "--token: is the mark of a hidden value; put the value itself")
    }
}

@Suite struct OptionTableTests {
    @Test func findsRowsByFlagAliasAndKey() {
        #expect(testTable.row(flag: "number-of")?.name == "count")
        #expect(testTable.row(flag: "c")?.name == "count")
        #expect(testTable.row(key: "wait_secs")?.name == "wait-secs")
        #expect(testTable.row(key: "number_of")?.name == "count")
        #expect(
            testTable.row(key: "wait-secs") == nil && testTable.row(key: "c") == nil && testTable.row(key: "") == nil)
    }

    @Test func helpFitsItsWidth() {
        let heading = OptionHelpHeading(
            usage: "t", summary: "Does a thing that takes many words to say, at least in this test.",
            notation: "Write options with dashes.", examples: [("try it", "t --flag")])
        for width in [-1, 0, 40, 71, 72, 80, 120, 500] {
            let lines = testTable.help(heading, width: width).split(separator: "\n")
            #expect(lines.allSatisfy { $0.count <= min(max(width, 40), 120) })
        }
        let wide = testTable.help(heading, width: 100)
        #expect(
            wide.contains(
                """
                  -c, --count N                   A count of things. [default: 3; 1 to 10; also: --number-of]
                  --share X                       A share. [default: 0.25; 0 to 1]

                """))
        #expect(wide.contains("  --hosts HOST...                 Some hosts. [default: a]\n"))
        #expect(wide.contains("  --mode NAME                     A mode. [one of: fast, very_slow; default: fast]\n"))
        #expect(testTable.help(heading, width: 50).contains("  --token TEXT\n        A secret. [env: T_TOKEN]\n"))
    }

    @Test func listsEveryRow() {
        let listing = testTable.listing()
        for row in testTable.rows { #expect(listing.contains("\"name\": \"\(row.name)\"")) }
        #expect(listing.contains("\"scope\": \"command\""))
        #expect(!testTable.schema(title: "t").contains("\"do\""))
    }
}

@Suite struct SuggestionTests {
    @Test(arguments: [
        ("", "", 0), ("a", "", 1), ("", "ab", 2), ("port", "prot", 1), ("port", "porrt", 1), ("port", "pirt", 1),
        ("kitten", "sitting", 3),
    ])
    func countsEdits(a: String, b: String, expected: Int) {
        #expect(Suggestion.edits(from: Array(a.utf8), to: Array(b.utf8)) == expected)
        #expect(Suggestion.edits(from: Array(b.utf8), to: Array(a.utf8)) == expected)
    }

    @Test func staysSilentWhenNothingIsNear() {
        let names = ["host", "port", "worker-urls"]
        #expect(Suggestion.closest(to: "hots", among: names) == "host")
        #expect(Suggestion.closest(to: "workr-url", among: names) == "worker-urls")
        #expect(Suggestion.closest(to: "worker", among: names) == "worker-urls")
        #expect(Suggestion.closest(to: "port-number", among: names) == "port")
        #expect(Suggestion.closest(to: "banana", among: names) == nil)
        #expect(Suggestion.closest(to: "h", among: names) == nil && Suggestion.closest(to: "", among: names) == nil)
        #expect(Suggestion.closest(to: String(repeating: "a", count: 65), among: names) == nil)
    }
}

@Suite struct NumberTextTests {
    @Test(arguments: ["0", "-0", "7", "-12", "9223372036854775807", "-9223372036854775808"])
    func readsWholeNumbers(text: String) {
        #expect(NumberText.whole(text) == .value(Int(text)!))
    }

    @Test(arguments: ["", "-", "+1", "01", "-01", "1.0", "1e2", "0x1", "1_000", " 1", "1 ", "١", "--1"])
    func refusesOtherNotations(text: String) {
        #expect(NumberText.whole(text) == .malformed)
    }

    @Test func tellsTooLargeFromMalformed() {
        #expect(NumberText.whole("9223372036854775808") == .tooLarge)
        #expect(NumberText.whole(String(repeating: "9", count: 5000)) == .tooLarge)
    }

    @Test(arguments: [
        ("0", 0), ("-0.5", -0.5), ("1.25", 1.25), ("1e3", 1000), ("2E-2", 0.02), ("1.5e+1", 15), ("1e400", .infinity),
    ])
    func readsDecimals(text: String, value: Double) {
        #expect(NumberText.decimal(text) == value)
    }

    @Test(arguments: [
        "", "-", ".5", "5.", "1e", "1e+", "01", "+1", "nan", "inf", "0x1p3", "1.2.3", "1 ", "1,5", "1e1.5",
    ])
    func refusesWhatJSONDoes(text: String) {
        #expect(NumberText.decimal(text) == nil)
    }

    @Test(arguments: [(1.0, "1"), (0.3, "0.3"), (-2.0, "-2"), (1e15, "1000000000000000"), (1e300, "1e+300")])
    func showsTheShortestText(value: Double, text: String) {
        #expect(NumberText.shown(value) == text && NumberText.decimal(text) == value)
    }
}

@Suite struct LocalFilesTests {
    @Test func readsAndChecks() throws {
        let me = #filePath
        let bytes = try LocalFiles.system.read(me, 1 << 20)
        #expect(String(decoding: bytes, as: UTF8.self).contains("LocalFilesTests"))
        try LocalFiles.system.check(me)
        #expect(throws: LocalFiles.Fault.self) { try LocalFiles.system.read(me, 10) }
        for (path, text) in [
            ("/nonexistent/x", "does not exist"), ("/", "is a directory"), (me + "/x", "does not exist"),
        ] {
            do {
                try LocalFiles.system.check(path)
                Issue.record("readable: \(path)")
            } catch { #expect(error.explanation == text) }
        }
    }

    @Test func readsWhatHasNoSize() throws {
        // Files in /proc claim to be empty.
        #expect(try !LocalFiles.system.read("/proc/self/status", 1 << 16).isEmpty)
        #expect(throws: LocalFiles.Fault.self) { try LocalFiles.system.read("/dev/zero", 1 << 16) }
    }
}
