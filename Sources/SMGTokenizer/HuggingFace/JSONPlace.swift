internal import SMGJSON

/// A value of a JSON file and where it stands, for errors that name the place ("model.merges[17]").
struct JSONPlace {
    let value: JSONSlice
    let path: String
    /// The members, when they were looked up once (`object`): some are megabytes long, and each look would pass over them.
    private var members: [(key: JSONString, value: JSONSlice)]?

    /// Members of one component that are remembered; real ones have at most twenty.
    private static let rememberedMembers = 256

    init(_ value: JSONSlice, _ path: String) {
        self.value = value
        self.path = path
    }

    /// The member named `key`, the last one when the key is repeated; nil when it is absent or null.
    func member(_ key: StaticString) -> JSONPlace? {
        let found = members.map { $0.last { $0.key.isEqual(to: key) }?.value } ?? value[key]
        guard let found, !found.isNull else { return nil }
        return JSONPlace(found, path.isEmpty ? "\(key)" : "\(path).\(key)")
    }

    /// The same for a member that must be there.
    func required(_ key: StaticString) throws(TokenizerError) -> JSONPlace {
        guard let member = member(key) else { throw malformed("has no member \"\(key)\"") }
        return member
    }

    /// The elements, which must be an array.
    func elements() throws(TokenizerError) -> [JSONPlace] {
        guard value.kind == .array else { throw malformed("is no array") }
        return value.elements.enumerated().map { JSONPlace($0.element, "\(path)[\($0.offset)]") }
    }

    /// This place, which must be an object, with its members at hand.
    func object() throws(TokenizerError) -> JSONPlace {
        guard value.kind == .object else { throw malformed("is no object") }
        var opened = self
        var members: [(key: JSONString, value: JSONSlice)] = []
        for member in value.members {
            guard members.count < Self.rememberedMembers else { return self }
            members.append(member)
        }
        opened.members = members
        return opened
    }

    func bytes() throws(TokenizerError) -> [UInt8] { Array(try string().utf8) }

    func string() throws(TokenizerError) -> String {
        guard let string = value.string else { throw malformed("is no string") }
        return string
    }

    /// The bytes of a string of exactly one character.
    func character() throws(TokenizerError) -> [UInt8] {
        let text = try string()
        guard text.unicodeScalars.count == 1 else { throw malformed("is not one character") }
        return Array(text.utf8)
    }

    func bool() throws(TokenizerError) -> Bool {
        guard let bool = value.bool else { throw malformed("is neither true nor false") }
        return bool
    }

    /// A count that is not negative.
    func count() throws(TokenizerError) -> Int {
        guard let number = value.int64, number >= 0, let count = Int(exactly: number) else {
            throw malformed("is no whole number from 0")
        }
        return count
    }

    /// A token id.
    func id() throws(TokenizerError) -> UInt32 {
        guard let number = value.int64, number >= 0 else { throw malformed("is no token id") }
        guard number < Int64(TokenizerLimits.maximumID) else {
            throw TokenizerError(.limit, "\(path): token id \(number) is not below \(TokenizerLimits.maximumID)")
        }
        return UInt32(number)
    }

    func bool(_ key: StaticString, default value: Bool) throws(TokenizerError) -> Bool {
        try member(key)?.bool() ?? value
    }

    func malformed(_ what: String) -> TokenizerError {
        TokenizerError(.malformed, path.isEmpty ? "the file \(what)" : "\(path) \(what)")
    }

    func unsupported(_ what: String) -> TokenizerError {
        TokenizerError(.unsupportedComponent, "\(path): \(what) is not supported")
    }
}
