import SMGBase
import SMGConfig

/// What must hold for any input whatever, taken as a YAML document, a JSON document and a command line (an argument per
/// line): it is refused with one bounded line, or it gives a configuration that survives being printed and read back.
///
/// Shared by the fuzzer (`Tests/Fuzz/config.swift`) and the replay of its corpus. Returns what does not hold.
enum ConfigurationProperty {
    /// Longest error line in characters: a shown value, the longest list of words and a path.
    private static let maximumLine = 1000

    static func violation(_ input: [UInt8]) -> String? {
        violation("YAML") { values throws(ConfigurationError) in
            try values.apply(bytes: input, name: "input", rules: .yaml)
        } ?? violation("JSON") { values throws(ConfigurationError) in
            try values.apply(bytes: input, name: "input", rules: .json)
        }
            ?? violation("arguments") { values throws(ConfigurationError) in
                let lines = input.split(separator: 10, omittingEmptySubsequences: false)
                try values.apply(arguments: lines.map { String(decoding: $0, as: UTF8.self) })
            }
    }

    private static func violation(
        _ source: String, _ apply: (inout OptionValues) throws(ConfigurationError) -> Void
    ) -> String? {
        var values = OptionValues(table: GatewayOptions.table)
        let configuration: GatewayConfiguration
        do {
            try apply(&values)
            configuration = try GatewayConfiguration(values, files: files)
        } catch {
            let line = error.description
            let isOneLine = !line.isEmpty && !line.utf8.contains(10) && line.utf8.count <= maximumLine
            return isOneLine ? nil : "\(source): not one bounded line: \(line.debugDescription)"
        }
        return roundTripViolation(values, configuration).map { "\(source): \($0)" }
    }

    private static func roundTripViolation(_ values: OptionValues, _ configuration: GatewayConfiguration) -> String? {
        // A printed key is redacted on purpose and does not read back.
        guard configuration.server.apiKey == nil else { return nil }
        do {
            var again = OptionValues(table: GatewayOptions.table)
            try again.apply(bytes: Array(values.dumpYAML().utf8), name: "dump", rules: .yaml)
            guard try GatewayConfiguration(again, files: files) == configuration else { return "the dump differs" }
            _ = try GatewayConfiguration(json: Array(values.dumpJSON().utf8), files: files)
            return nil
        } catch { return "the dump does not read back: \(error)" }
    }

    /// Every file exists, and none is ever read.
    private static let files = LocalFiles(
        read: { _, _ throws(LocalFiles.Fault) in [] }, check: { _ throws(LocalFiles.Fault) in })
}
