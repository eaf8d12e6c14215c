import SMGBase
import SMGConfig

/// Files of a test: paths and contents. Any other path does not exist.
func files(_ contents: [String: String] = [:]) -> LocalFiles {
    LocalFiles(
        read: { path, limit throws(LocalFiles.Fault) in
            guard let text = contents[path] else { throw LocalFiles.Fault("does not exist") }
            guard text.utf8.count <= limit else { throw LocalFiles.Fault("is larger than \(limit) bytes") }
            return Array(text.utf8)
        },
        check: { path throws(LocalFiles.Fault) in
            if contents[path] == nil { throw LocalFiles.Fault("does not exist") }
        })
}

/// The certificates the tests name.
let certificates = ["/c.pem": "c", "/k.pem": "k", "/a.pem": "a", "/b.pem": "b"]

/// The values `arguments` lead to, with everything checked.
func values(
    _ arguments: [String], environment: [String: String] = [:], documents: [String: String] = [:]
) throws(ConfigurationError) -> OptionValues {
    let files = files(certificates.merging(documents) { $1 })
    var values = OptionValues(table: GatewayOptions.table)
    try values.apply(arguments: arguments)
    if let path = values.textIfAny("config") { try values.apply(file: path, files: files) }
    try values.apply { environment[$0] }
    _ = try GatewayConfiguration(values, files: files)
    return values
}

/// The configuration `arguments` lead to.
func configuration(
    _ arguments: [String], environment: [String: String] = [:], documents: [String: String] = [:]
) throws(ConfigurationError) -> GatewayConfiguration {
    try GatewayConfiguration(
        values(arguments, environment: environment, documents: documents),
        files: files(certificates.merging(documents) { $1 }))
}

/// The line printed for `arguments`, or "valid".
func line(
    _ arguments: [String], environment: [String: String] = [:], documents: [String: String] = [:]
) -> String {
    do {
        _ = try values(arguments, environment: environment, documents: documents)
        return "valid"
    } catch { return error.description }
}

/// The line printed for a document, or "valid".
func documentLine(_ text: String, name: String = "g.yaml") -> String {
    line(["--config", name], documents: [name: text])
}
