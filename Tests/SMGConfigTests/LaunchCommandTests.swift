import Foundation
import SMGBase
import Testing

@testable import SMGConfig

@Suite struct LaunchCommandTests {
    private func read(_ arguments: [String], documents: [String: String] = [:]) throws -> LaunchCommand {
        try LaunchCommand.read(arguments, files: files(documents))
    }

    @Test func saysWhatToDo() throws {
        guard case .launch(let configuration) = try read(["--port", "0"]) else { return #expect(Bool(false)) }
        #expect(configuration.server.listen == .tcp(host: "0.0.0.0", port: 0))
        guard case .check = try read(["--check-config"]) else { return #expect(Bool(false)) }
        guard case .version = try read(["-V", "--nonsense"]) else { return #expect(Bool(false)) }
        guard case .help = try read(["--nonsense", "--help"]) else { return #expect(Bool(false)) }
        guard case .help = try read(["-h"]) else { return #expect(Bool(false)) }
        #expect(throws: ConfigurationError.self) { try read(["--", "-h"]) }
        #expect(throws: ConfigurationError.self) { try read(["--check-config", "--port", "x"]) }
    }

    @Test func printedConfigurationReadsBack() throws {
        let arguments = [
            "--worker-urls", "http://a", "--unix-socket", "/tmp/s \"x\"", "--first-byte-timeout-secs", "0.001",
            "--balance-rel-threshold", "1e5", "--cors-allowed-origins", "x://\u{5c}y",
        ]
        guard case .printConfiguration(let text) = try read(arguments + ["--print-config"]),
            case .launch(let original) = try read(arguments),
            case .launch(let again) = try read(["--config", "p"], documents: ["p": text])
        else { return #expect(Bool(false)) }
        #expect(original == again)
        #expect(text.contains("worker_urls: [\"http://a\"]  # from the command line\n"))
        #expect(text.contains("policy: \"cache_aware\"  # default\n"))
    }

    @Test func everyOptionIsInHelpSchemaListingAndDump() throws {
        let help = LaunchCommand.help(width: 80)
        let listing = GatewayOptions.table.listing()
        let dump = OptionValues(table: GatewayOptions.table).dumpYAML()
        for row in GatewayOptions.table.rows {
            #expect(help.contains("--\(row.name)"))
            #expect(listing.contains("\"--\(row.name)\""))
            #expect(row.help.last == ".", "\(row.name)")
            guard row.scope == .configuration else { continue }
            #expect(GatewayConfiguration.schema.contains("\"\(row.key)\": {"))
            #expect(dump.contains("\(row.key): "))
        }
    }

    /// `SMG_RECORD=1 swift test` writes the texts anew; look at the difference before you commit it.
    @Test(arguments: [("help-50.txt", 50), ("help-80.txt", 80), ("help-120.txt", 120)])
    func helpIsTheRecordedOne(file: String, width: Int) throws {
        try compare(LaunchCommand.help(width: width), with: file)
    }

    @Test func schemaIsTheRecordedOneAndIsJSON() throws {
        try compare(GatewayConfiguration.schema, with: "schema.json")
        let root = try JSONReader.read(Array(GatewayConfiguration.schema.utf8), name: "schema")
        guard case .mapping(let members) = root.content,
            let properties = members.first(where: { $0.key == "properties" }),
            case .mapping(let options) = properties.value.content
        else { return #expect(Bool(false)) }
        #expect(options.map(\.key) == GatewayOptions.table.configurationRows.map(\.key))
        _ = try JSONReader.read(Array(GatewayOptions.table.listing().utf8), name: "listing")
        _ = try JSONReader.read(Array(OptionValues(table: GatewayOptions.table).dumpJSON().utf8), name: "dump")
    }

    private func compare(_ text: String, with file: String) throws {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let path = tests.appending(path: "Fixtures/config/\(file)")
        if ProcessInfo.processInfo.environment["SMG_RECORD"] == "1" {
            try text.write(to: path, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOf: path, encoding: .utf8) == text, "\(file)")
    }

    @Test(arguments: [
        ["--api-key", "s3cr3t", "s3cr3t"], ["--api-key=s3cr3t s3cr3t"], ["--api-key=s3cr3t", "--port", "x"],
        ["--api-kye=s3cr3t"], ["--worker-urls", "http://u:s3cr3t@a"], ["--worker-urls", "s3cr3t@a"],
        ["--worker-urls", "http://a?key=s3cr3t"], ["--cors-allowed-origins", "https://u:s3cr3t@a"],
        ["--config", "list.yaml"], ["--config", "key.json"], ["--config", "broken.yaml"], ["--config", "number.json"],
        ["--config", "space.yaml"],
    ])
    func secretsAreNotRepeated(arguments: [String]) {
        let documents = [
            "list.yaml": "api_key: [s3cr3t]", "key.json": #"{"api_key": {"s3cr3t": 1}}"#,
            "broken.yaml": "api_key: \"s3cr3t", "number.json": #"{"api_key": s3cr3t}"#,
            "space.yaml": "api_key: s3cr3t x",
        ]
        let shown = line(arguments, documents: documents)
        #expect(shown != "valid" && !shown.contains("s3cr3t"), "\(shown)")
    }

    @Test func secretsStayHiddenInConfigurations() throws {
        let arguments = ["--api-key", "s3cr3t"]
        let configuration = try configuration(arguments)
        var dumped = ""
        dump(configuration, to: &dumped)
        guard case .printConfiguration(let printed) = try read(arguments + ["--print-config"]) else {
            return #expect(Bool(false))
        }
        let values = try values(arguments)
        for text in [dumped, printed, "\(configuration)", String(reflecting: configuration), values.dumpJSON()] {
            #expect(!text.contains("s3cr3t"))
        }
        #expect(printed.contains("api_key: \"[redacted]\""))
        #expect(
            line(["--config", "p"], documents: ["p": printed]).contains("mark of a hidden value"),
            "a printed key must not become the key")
    }
}
