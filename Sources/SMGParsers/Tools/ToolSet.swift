internal import SMGBase
package import SMGJSON

/// The kinds of JSON value a parameter may have, as its schema declares them.
package struct ParameterTypes: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let string = ParameterTypes(rawValue: 1)
    package static let integer = ParameterTypes(rawValue: 2)
    package static let number = ParameterTypes(rawValue: 4)
    package static let boolean = ParameterTypes(rawValue: 8)
    package static let object = ParameterTypes(rawValue: 16)
    package static let array = ParameterTypes(rawValue: 32)
    package static let null = ParameterTypes(rawValue: 64)

    /// The type a schema names; empty for a name JSON Schema does not have.
    init(named name: JSONString) {
        if name.isEqual(to: "string") {
            self = .string
        } else if name.isEqual(to: "integer") {
            self = .integer
        } else if name.isEqual(to: "number") {
            self = .number
        } else if name.isEqual(to: "boolean") {
            self = .boolean
        } else if name.isEqual(to: "object") {
            self = .object
        } else if name.isEqual(to: "array") {
            self = .array
        } else {
            self = name.isEqual(to: "null") ? .null : []
        }
    }
}

/// The functions a request offers to the model: their names, and what type each parameter has. Read once for a request
/// and shared by the parsers of all its choices.
package final class ToolSet: Sendable {
    /// One function.
    package struct Tool: Hashable, Sendable {
        package let name: String
        /// The declared parameters. A parameter whose schema names no type maps to the empty set.
        package let parameters: [String: ParameterTypes]

        package init(name: String, parameters: [String: ParameterTypes]) {
            self.name = name
            self.parameters = parameters
        }
    }

    /// No tools: every name counts as known.
    package static let none = ToolSet([])

    package let tools: [Tool]
    private let indices: [String: Int]

    package init(_ tools: [Tool]) {
        let kept = Array(tools.prefix(ParserLimits.maximumTools))
        self.tools = kept
        indices = Dictionary(kept.indices.map { (kept[$0].name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Reads a request's `tools`: an array of `{"type":"function","function":{"name","parameters"}}`, of the same without
    /// the inner object, or of `{"name","input_schema"}`. Elements that name no function are left out, and what is beyond
    /// `ParserLimits.maximumTools` too.
    package convenience init(json: JSONSlice) {
        var tools: [Tool] = []
        for element in json.elements {
            guard tools.count < ParserLimits.maximumTools else { break }
            let function = element["function"].flatMap { $0.kind == .object ? $0 : nil } ?? element
            guard let name = function["name"]?.string else { continue }
            let schema = function["parameters"] ?? function["input_schema"]
            tools.append(Tool(name: name, parameters: schema.map(Self.parameters) ?? [:]))
        }
        self.init(tools)
    }

    package var isEmpty: Bool { tools.isEmpty }

    /// The function of this name.
    package func tool(named name: UnsafeRawBufferPointer) -> Tool? {
        indices.isEmpty ? nil : indices[name.string].map { tools[$0] }
    }

    /// Whether the request offers this function; true for any name when it offers none.
    package func knows(_ name: UnsafeRawBufferPointer) -> Bool {
        indices.isEmpty || indices[name.string] != nil
    }

    private static func parameters(_ schema: JSONSlice) -> [String: ParameterTypes] {
        var found: [String: ParameterTypes] = [:]
        guard let properties = schema["properties"] else { return found }
        for (key, property) in properties.members { found[key.string] = types(property, depth: 0) }
        return found
    }

    /// Levels of `anyOf` inside `anyOf` that are looked into; real schemas have one.
    private static let maximumUnions = 4

    private static func types(_ schema: JSONSlice, depth: Int) -> ParameterTypes {
        var types: ParameterTypes = []
        if let declared = schema["type"] {
            if let name = declared.text { types.formUnion(ParameterTypes(named: name)) }
            for element in declared.elements { types.formUnion(element.text.map(ParameterTypes.init(named:)) ?? []) }
        }
        guard types.isEmpty, depth < maximumUnions else { return types }
        for union in [schema["anyOf"], schema["oneOf"], schema["allOf"]] {
            for element in union?.elements ?? JSONSlice.nothing.elements {
                types.formUnion(self.types(element, depth: depth + 1))
            }
        }
        for value in schema["enum"]?.elements ?? JSONSlice.nothing.elements { types.formUnion(type(of: value)) }
        return types
    }

    private static func type(of value: JSONSlice) -> ParameterTypes {
        switch value.kind {
        case .object: .object
        case .array: .array
        case .string: .string
        case .number: value.int64 == nil ? .number : .integer
        case .bool: .boolean
        case .null: .null
        }
    }
}

extension JSONSlice {
    /// A value without elements.
    fileprivate static var nothing: JSONSlice { JSONSlice(validated: UnsafeRawBufferPointer(start: nil, count: 0)) }
}
