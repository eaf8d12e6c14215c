import Testing

@testable import SMGBase

@Suite struct OptionArgumentsTests {
    @Test func takesValuesBehindSpaceOrEquals() throws {
        let values = try parsed(["--count", "4", "--share=0.5", "--name=a=b", "--mode", "very_slow"]).get()
        #expect(values.integer("count") == 4 && values.number("share") == 0.5)
        #expect(values.text("name") == "a=b" && values.text("mode") == "very_slow")
        #expect(values.origin(of: "count") == .arguments && values.origin(of: "wait-secs") == .builtIn)
    }

    @Test func lastOneWinsAndAliasesAreTheSameOption() throws {
        let values = try parsed(["--count=4", "--number-of", "5", "-c", "6"]).get()
        #expect(values.integer("count") == 6)
        #expect(try parsed(["-c=7"]).get().integer("count") == 7)
    }

    @Test func switchesTakeNoSeparateValue() throws {
        #expect(try parsed(["--flag"]).get().bool("flag"))
        #expect(try parsed(["--flag=off"]).get().bool("flag") == false)
        #expect(errorLine(["--flag", "false"]) == "unexpected argument 'false', options begin with --")
        #expect(errorLine(["--flag=nope"]) == "--flag: 'nope' is neither true nor false")
    }

    @Test func durationsAreExact() throws {
        let values = try parsed(["--wait-secs=0.25", "--pause-ms", "1.5"]).get()
        #expect(values.duration("wait-secs") == .milliseconds(250))
        #expect(values.durationIfAny("pause-ms") == .microseconds(1500))
        #expect(try parsed([]).get().durationIfAny("pause-ms") == nil)
    }

    @Test func listsReplaceTheDefaultAndAccumulate() throws {
        #expect(try parsed([]).get().texts("hosts") == ["a"])
        #expect(try parsed(["--hosts", "x", "y", "--flag", "--hosts=z"]).get().texts("hosts") == ["x", "y", "z"])
        #expect(try parsed(["--hosts"]).get().texts("hosts") == [])
        #expect(try parsed(["--hosts", "x", "--"]).get().texts("hosts") == ["x"])
        #expect(try parsed(["--steps", "1", "--steps=2e0"]).get().numbers("steps") == [1, 2])
        #expect(errorLine(["--hosts", "1", "2", "3", "4"]) == "--hosts: too many values, at most 3 are allowed")
    }

    @Test func negativeNumbersAreValues() {
        #expect(errorLine(["--count", "-1"]) == "--count: -1 is out of range, must be between 1 and 10")
        #expect(errorLine(["--steps", "-.5"]) == "--steps: '-.5' is not a number")
        #expect(errorLine(["--name", "-"]) == "valid")
    }

    @Test(arguments: [
        (["--count"], "--count: needs a value (N)"),
        (["--count", "--flag"], "--count: needs a value (N)"),
        (["--name", "-x"], "--name: needs a value (TEXT)"),
        (["--count", "1.0"], "--count: '1.0' is not a whole number"),
        (
            ["--count", "99999999999999999999"],
            "--count: 99999999999999999999 is out of range, must be between 1 and 10"
        ),
        (["--share", "1.7"], "--share: 1.7 is out of range, must be between 0 and 1"),
        (["--share", "1e999"], "--share: 1e999 is out of range, must be between 0 and 1"),
        (["--mode", "Very-Slow"], "--mode: 'Very-Slow' is not one of fast, very_slow, did you mean very_slow?"),
        (["--mode", "x"], "--mode: 'x' is not one of fast, very_slow"),
        (["--name="], "--name: must not be empty"),
        (["--name=a\nb"], "--name: must not contain control characters or line breaks"),
        (["--conut", "1"], "--conut: unknown option, did you mean --count?"),
        (["--wait_secs", "1"], "--wait_secs: unknown option, did you mean --wait-secs?"),
        (["--wait", "1"], "--wait: unknown option, did you mean --wait-secs?"),
        (["-count", "1"], "-count: unknown option, did you mean --count?"),
        (["--c", "1"], "--c: unknown option"),
        (["-z"], "-z: unknown option"),
        (["--zzzzzz"], "--zzzzzz: unknown option"),
        (["--old-flag"], "--old-flag: not available in this version"),
        (["word"], "unexpected argument 'word', options begin with --"),
        (["--", "--flag"], "unexpected argument '--flag', options begin with --"),
        (["a\u{1b}[1m\n"], "unexpected argument 'a\\u{1b}[1m\\u{a}', options begin with --"),
    ])
    func errorsAreOneClearLine(arguments: [String], line: String) {
        #expect(errorLine(arguments) == line)
    }

    @Test func longInputIsCutInErrors() {
        let line = errorLine([String(repeating: "x", count: 100_000)])
        #expect(line.count < 200 && line.contains("…"))
        #expect(errorLine(["--" + String(repeating: "y", count: 100_000)]).count < 200)
        #expect(errorLine(["--name=" + String(repeating: "y", count: 8193)]) == "--name: longer than 8192 bytes")
        #expect(errorLine(Array(repeating: "--flag", count: 65_537)) == "too many arguments")
    }

    @Test(arguments: [
        ["--token", "s3cr3t", "s3cr3t"], ["--token=s3cr3t\n"], ["--token", "-s3cr3t"], ["--tokn=s3cr3t"],
        ["--token=s3cr3t", "s3cr3t"],
    ])
    func secretsAreNotRepeated(arguments: [String]) {
        let line = errorLine(arguments)
        #expect(line != "valid" && !line.contains("s3cr3t"), "\(line)")
    }
}
