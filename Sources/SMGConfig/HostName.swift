internal import SMGBase

/// What may stand where a host is asked for.
enum HostName {
    /// Longest name DNS can carry.
    private static let maximumLength = 253
    /// Longest label between two dots.
    private static let maximumLabel = 63

    /// An address or a name that can be bound or connected to, IPv6 without brackets.
    static func isValid(_ text: String) -> Bool { canonicalIPv6(text) != nil || isNameOrIPv4(text) }

    /// A DNS name (underscores allowed, as container names have them) or a dotted IPv4 address.
    static func isNameOrIPv4(_ text: String) -> Bool {
        guard !text.isEmpty, text.utf8.count <= maximumLength else { return false }
        let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        // A trailing dot marks a fully qualified name.
        let named = labels.count > 1 && labels.last?.isEmpty == true ? labels.dropLast() : labels[...]
        for label in named {
            guard (1...maximumLabel).contains(label.count), label.allSatisfy(isNameByte) else { return false }
            guard label.first != UInt8(ascii: "-"), label.last != UInt8(ascii: "-") else { return false }
        }
        // No top-level domain is a number: such a host is an address or a mistake.
        guard let last = named.last, last.allSatisfy(ASCII.isDigit) else { return true }
        return IPAddressText.octets(text.utf8[...]) != nil
    }

    /// The shortest text of an IPv6 address (RFC 5952), or nil if `text` is none.
    static func canonicalIPv6(_ text: String) -> String? { IPAddressText.groups(text).map(IPAddressText.shortest) }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        ASCII.lowercased(byte) &- 97 < 26 || ASCII.isDigit(byte) || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: "_")
    }
}
