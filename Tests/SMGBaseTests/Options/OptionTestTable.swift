@testable import SMGBase

/// One option of each kind.
let testTable = OptionTable(
    [
        OptionSection(
            "First",
            [
                OptionRow("flag", .bool, "A switch."),
                OptionRow("count", .integer(1...10), default: 3, "A count of things.", aliases: ["number-of", "c"]),
                OptionRow("share", .number(0...1), default: 0.25, "A share."),
                OptionRow("wait-secs", .duration(0...60, unit: .seconds), default: 2, "A wait."),
                OptionRow("pause-ms", .duration(0...5000, unit: .milliseconds), "A pause."),
            ]),
        OptionSection(
            "Second",
            [
                OptionRow("name", .text, "A name.", environment: "T_NAME"),
                OptionRow("file", .path, "A file."),
                OptionRow("token", .text, "A secret.", environment: "T_TOKEN", secret: true),
                OptionRow("mode", .choice(["fast", "very_slow"]), default: "fast", "A mode."),
                OptionRow("hosts", .textList(maximum: 3), default: ["a"], "Some hosts.", placeholder: "HOST"),
                OptionRow("steps", .numberList(0...9, maximum: 3), default: .numbers([1, 2.5]), "Some steps."),
                OptionRow("do", .bool, "Do it.", scope: .command),
            ]),
    ],
    unavailable: ["old-flag"])

/// The values after `arguments`, or the error's line.
func parsed(_ arguments: [String]) -> Result<OptionValues, ConfigurationError> {
    var values = OptionValues(table: testTable)
    do {
        try values.apply(arguments: arguments)
        return .success(values)
    } catch { return .failure(error) }
}

func errorLine(_ arguments: [String]) -> String {
    switch parsed(arguments) {
    case .success: "valid"
    case .failure(let error): error.description
    }
}
