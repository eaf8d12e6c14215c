internal import CYAML
internal import SMGBase

/// Bounds of a configuration document, whichever language it is in.
enum DocumentLimits {
    /// Largest document in bytes: hundreds of times any real one, quick to read and to refuse.
    static let maximumBytes = 1 << 20
    /// Deepest nesting: options are at most lists in a mapping, the rest is room for a good error.
    static let maximumDepth = 8
}

/// A YAML document as nodes with line numbers. Reads the plain part of YAML that configurations need: one document,
/// no anchors, aliases or tags (they turn a short file into a huge or surprising one).
struct YAMLReader: ~Copyable {
    private let events: YAMLEvents
    private let name: String

    /// Reads `bytes`; errors name the document `name`.
    static func read(_ bytes: [UInt8], name: String) throws(ConfigurationError) -> DocumentNode {
        let reader = YAMLReader(events: YAMLEvents(bytes), name: name)
        return try reader.document()
    }

    private init(events: consuming YAMLEvents, name: String) {
        self.events = events
        self.name = name
    }

    private borrowing func document() throws(ConfigurationError) -> DocumentNode {
        _ = try next()  // the stream's start
        let start = try next()
        if case .streamEnd = start.kind { return DocumentNode(.plain(""), line: 1) }
        let root = try node(next(), depth: 0)
        _ = try next()  // the document's end
        let behind = try next()
        guard case .streamEnd = behind.kind else { throw syntax("only one document is allowed", behind.line) }
        return root
    }

    private borrowing func node(_ event: YAMLEvents.Event, depth: Int) throws(ConfigurationError) -> DocumentNode {
        guard depth < DocumentLimits.maximumDepth else { throw syntax("nested too deeply", event.line) }
        switch event.kind {
        case .scalar(let text, let isPlain):
            return DocumentNode(isPlain ? .plain(text) : .quoted(text), line: event.line)
        case .sequenceStart: return try DocumentNode(.list(elements(depth: depth)), line: event.line)
        case .mappingStart: return try DocumentNode(.mapping(members(depth: depth)), line: event.line)
        case .unsupported(let what): throw syntax("\(what) are not supported", event.line)
        case .streamStart, .streamEnd, .documentStart, .documentEnd, .sequenceEnd, .mappingEnd:
            throw syntax("not a valid YAML document", event.line)
        }
    }

    private borrowing func elements(depth: Int) throws(ConfigurationError) -> [DocumentNode] {
        var elements = [DocumentNode]()
        while true {
            let event = try next()
            if case .sequenceEnd = event.kind { return elements }
            elements.append(try node(event, depth: depth + 1))
        }
    }

    private borrowing func members(depth: Int) throws(ConfigurationError) -> [DocumentNode.Member] {
        var members = [DocumentNode.Member]()
        while true {
            let event = try next()
            if case .mappingEnd = event.kind { return members }
            guard case .scalar(let key, _) = event.kind else { throw syntax("a key must be a name", event.line) }
            members.append(.init(key: key, line: event.line, value: try node(next(), depth: depth + 1)))
        }
    }

    private borrowing func next() throws(ConfigurationError) -> YAMLEvents.Event {
        do { return try events.next() } catch { throw syntax("not valid YAML: \(error.problem)", error.line) }
    }

    private borrowing func syntax(_ message: String, _ line: Int) -> ConfigurationError {
        ConfigurationError(.syntax, option: "", origin: .document(name: name, line: line), message: message)
    }
}

/// libyaml's event stream over bytes in memory.
struct YAMLEvents: ~Copyable {
    enum Kind {
        case streamStart, streamEnd, documentStart, documentEnd
        case sequenceStart, sequenceEnd, mappingStart, mappingEnd
        case scalar(String, isPlain: Bool)
        /// Something of YAML's that configurations do without, in the plural.
        case unsupported(String)
    }

    struct Event {
        let kind: Kind
        /// From 1.
        let line: Int
    }

    /// What libyaml could not read. The texts are its own and repeat nothing of the input.
    struct Fault: Error {
        let problem: String
        let line: Int
    }

    private let parser: UnsafeMutablePointer<yaml_parser_t>
    /// libyaml reads from here during `next()`.
    private let input: UnsafeMutableBufferPointer<UInt8>
    private let isReady: Bool

    init(_ bytes: [UInt8]) {
        parser = .allocate(capacity: 1)
        parser.initialize(to: yaml_parser_t())
        input = .allocate(capacity: bytes.count)
        _ = input.initialize(from: bytes)
        isReady = yaml_parser_initialize(parser) == 1
        guard isReady else { return }
        // Without this, bytes that look like a UTF-16 mark would be read as such.
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, input.baseAddress, bytes.count)
    }

    deinit {
        if isReady { yaml_parser_delete(parser) }
        parser.deallocate()
        input.deallocate()
    }

    /// The next event. After `streamEnd` or a fault there is none, and libyaml answers with `unsupported`.
    borrowing func next() throws(Fault) -> Event {
        guard isReady else { throw Fault(problem: "out of memory", line: 0) }
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw fault() }
        defer { yaml_event_delete(&event) }
        return Event(kind: Self.kind(of: event), line: Int(event.start_mark.line) + 1)
    }

    private borrowing func fault() -> Fault {
        let problem = parser.pointee.problem.map { String(cString: $0) } ?? "unreadable"
        let hasLine = parser.pointee.error == YAML_SCANNER_ERROR || parser.pointee.error == YAML_PARSER_ERROR
        return Fault(problem: problem, line: hasLine ? Int(parser.pointee.problem_mark.line) + 1 : 0)
    }

    private static func kind(of event: yaml_event_t) -> Kind {
        switch event.type {
        case YAML_STREAM_START_EVENT: return .streamStart
        case YAML_STREAM_END_EVENT: return .streamEnd
        case YAML_DOCUMENT_START_EVENT: return .documentStart
        case YAML_DOCUMENT_END_EVENT: return .documentEnd
        case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
        case YAML_MAPPING_END_EVENT: return .mappingEnd
        case YAML_SEQUENCE_START_EVENT:
            let start = event.data.sequence_start
            return extras(anchor: start.anchor, tag: start.tag) ?? .sequenceStart
        case YAML_MAPPING_START_EVENT:
            let start = event.data.mapping_start
            return extras(anchor: start.anchor, tag: start.tag) ?? .mappingStart
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            if let extras = extras(anchor: scalar.anchor, tag: scalar.tag) { return extras }
            let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            return .scalar(String(decoding: bytes, as: UTF8.self), isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
        case YAML_ALIAS_EVENT: return .unsupported("aliases")
        default: return .unsupported("documents like this")
        }
    }

    private static func extras(anchor: UnsafeMutablePointer<yaml_char_t>?, tag: UnsafeMutablePointer<yaml_char_t>?)
        -> Kind?
    {
        if anchor != nil { return .unsupported("anchors") }
        return tag == nil ? nil : .unsupported("tags")
    }
}
