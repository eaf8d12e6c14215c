internal import CSMG
internal import SMGBase
internal import SMGJSON

/// The options of a call, given as a JSON object; no bytes are an empty object. Valid while the caller's bytes are.
struct CallOptions {
    private let root: JSONSlice?
    private let name: StaticString

    init(_ bytes: smg_bytes, _ name: StaticString, known: [StaticString]) throws(Failure) {
        self.name = name
        let bytes = try Call.bytes(bytes, name)
        guard bytes.count > 0 else {
            root = nil
            return
        }
        let parsed: JSONSlice
        do throws(JSONError) { parsed = try JSONSlice(parsing: bytes) } catch {
            throw .argument("\(name) is not valid JSON: \(error.message)")
        }
        guard parsed.kind == .object else { throw .argument("\(name) is not a JSON object") }
        for (key, _) in parsed.members where !known.contains(where: { key.isEqual(to: $0) }) {
            throw .argument("\(name) has a member that does not exist: '\(key.string)'")
        }
        root = parsed
    }

    /// The member's value; nil when it is absent or null.
    subscript(member: StaticString) -> JSONSlice? {
        guard let value = root?[member], !value.isNull else { return nil }
        return value
    }

    func text(_ member: StaticString) throws(Failure) -> String? {
        guard let value = self[member] else { return nil }
        guard let text = value.string else { throw wrong(member, "a text") }
        return text
    }

    func bool(_ member: StaticString, default absent: Bool) throws(Failure) -> Bool {
        guard let value = self[member] else { return absent }
        guard let bool = value.bool else { throw wrong(member, "true or false") }
        return bool
    }

    /// A text, or an array of texts.
    func texts(_ member: StaticString) throws(Failure) -> [String] {
        guard let value = self[member] else { return [] }
        if let text = value.string { return [text] }
        var texts: [String] = []
        for element in value.elements {
            guard let text = element.string else { throw wrong(member, "a text or texts") }
            texts.append(text)
        }
        guard value.kind == .array else { throw wrong(member, "a text or texts") }
        return texts
    }

    /// An array of ids.
    func ids(_ member: StaticString) throws(Failure) -> [UInt32] {
        guard let value = self[member] else { return [] }
        var ids: [UInt32] = []
        for element in value.elements {
            guard let number = element.int64, let id = UInt32(exactly: number) else { throw wrong(member, "ids") }
            ids.append(id)
        }
        guard value.kind == .array else { throw wrong(member, "an array of ids") }
        return ids
    }

    private func wrong(_ member: StaticString, _ what: String) -> Failure {
        .argument("'\(member)' in \(name) must be \(what)")
    }
}
