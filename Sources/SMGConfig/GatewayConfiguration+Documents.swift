package import SMGBase

extension GatewayConfiguration {
    /// What a document without a file is called in errors.
    package static let documentName = "configuration"

    /// From one JSON document, as the C interface takes it: an object whose keys are the flags' names with underscores.
    /// The environment plays no part: a host program passes what it wants passed.
    package init(json bytes: [UInt8], files: LocalFiles = .system) throws(ConfigurationError) {
        var values = OptionValues(table: GatewayOptions.table)
        try values.apply(bytes: bytes, name: Self.documentName, rules: .json)
        try self.init(values, files: files)
    }

    /// The JSON Schema (draft 2020-12) of the document.
    package static var schema: String { GatewayOptions.table.schema(title: "SMG gateway configuration") }
}

extension OptionValues {
    /// Takes a document in memory.
    package mutating func apply(bytes: [UInt8], name: String, rules: DocumentRules) throws(ConfigurationError) {
        guard bytes.count <= DocumentLimits.maximumBytes else {
            throw ConfigurationError(
                .outOfRange, option: "", origin: .document(name: name, line: 0),
                message: "larger than \(DocumentLimits.maximumBytes) bytes")
        }
        // A mark some editors leave; it says nothing that UTF-8 does not.
        let text = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? Array(bytes.dropFirst(3)) : bytes
        let root =
            switch rules {
            case .json: try JSONReader.read(text, name: name)
            case .yaml: try YAMLReader.read(text, name: name)
            }
        try apply(document: root, name: name, rules: rules)
    }

    /// Takes the file at `path`: JSON if its name ends in `.json`, else YAML.
    package mutating func apply(file path: String, files: LocalFiles) throws(ConfigurationError) {
        let bytes: [UInt8]
        do { bytes = try files.read(path, DocumentLimits.maximumBytes) } catch {
            throw ConfigurationError(
                .unreadableFile, option: "config", origin: .arguments,
                message: "\(Shown.value(path)) \(error.explanation)")
        }
        try apply(bytes: bytes, name: path, rules: path.lowercased().hasSuffix(".json") ? .json : .yaml)
    }
}
