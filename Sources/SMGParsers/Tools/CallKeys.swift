internal import SMGBase
internal import SMGJSON

/// The members of a call object that matter, by all their names.
struct CallKeys: Sendable {
    /// Members that hold the function's name.
    let name: [StaticString]
    /// Members that hold its arguments.
    let arguments: [StaticString]

    /// What the formats have in common.
    static let usual = CallKeys(name: ["name", "function", "tool_name"], arguments: ["arguments", "parameters"])
}

/// What a member of a call object is.
enum CallMember: Sendable { case name, arguments, other }

/// A key that comes in pieces, as far as it may matter.
struct CallKeyText: Sendable {
    /// The longest spelling of a key that matters, every letter a `\u` escape, with its quotes.
    private static let capacity = 64

    private var bytes: InlineArray<64, UInt8> = .init(repeating: 0)
    private var count = 0

    /// Adds a piece of the key, its quotes included.
    mutating func append(_ piece: UnsafeRawBufferPointer) {
        for byte in piece {
            if count < Self.capacity { bytes[count] = byte }
            count += 1
            if count > Self.capacity { return }
        }
    }

    /// What the whole key names.
    func member(_ keys: CallKeys) -> CallMember {
        guard 2...Self.capacity ~= count else { return .other }
        return withUnsafeBytes(of: bytes) { raw in
            let text = JSONString(raw: UnsafeRawBufferPointer(rebasing: raw[1..<count - 1]))
            if keys.name.contains(where: { text.isEqual(to: $0) }) { return .name }
            return keys.arguments.contains { text.isEqual(to: $0) } ? .arguments : .other
        }
    }
}
