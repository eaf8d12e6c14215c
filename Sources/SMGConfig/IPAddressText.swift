internal import SMGBase

/// IP addresses as text. The system's own functions would do, but a leaf room stays free of system calls.
enum IPAddressText {
    /// The eight groups of an IPv6 address (RFC 4291, section 2.2). Zones are refused.
    static func groups(_ text: String) -> [UInt16]? {
        // "::" and two digits at least; 45 is the longest form, with an IPv4 tail.
        guard (2...45).contains(text.utf8.count) else { return nil }
        guard let gap = text.utf8.firstRange(of: "::".utf8) else {
            let all = list(text.utf8[...])
            return all?.count == 8 ? all : nil
        }
        guard let head = list(text.utf8[..<gap.lowerBound], allowsIPv4Tail: false),
            let tail = list(text.utf8[gap.upperBound...])
        else { return nil }
        // The gap stands for at least one group.
        let missing = 8 - head.count - tail.count
        return missing >= 1 ? head + [UInt16](repeating: 0, count: missing) + tail : nil
    }

    /// The four numbers of a dotted IPv4 address; leading zeros, which some read as octal, are refused.
    static func octets(_ text: Substring.UTF8View) -> [UInt8]? {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var octets = [UInt8]()
        for part in parts {
            guard (1...3).contains(part.count), part.allSatisfy(ASCII.isDigit),
                part.count == 1 || part.first != UInt8(ascii: "0"), let octet = UInt8(String(Substring(part)))
            else { return nil }
            octets.append(octet)
        }
        return octets
    }

    /// The shortest text of eight groups (RFC 5952): the longest run of zeros, two at least, becomes `::`. IPv4-mapped
    /// addresses keep their dotted tail.
    static func shortest(_ groups: [UInt16]) -> String {
        if groups[..<5].allSatisfy({ $0 == 0 }), groups[5] == 0xffff {
            return "::ffff:\(groups[6] >> 8).\(groups[6] & 255).\(groups[7] >> 8).\(groups[7] & 255)"
        }
        var best = 0..<0
        var start = 0
        for index in 0...8 where index == 8 || groups[index] != 0 {
            if index - start > best.count { best = start..<index }
            start = index + 1
        }
        let hex = groups.map { String($0, radix: 16) }
        guard best.count >= 2 else { return hex.joined(separator: ":") }
        return hex[..<best.lowerBound].joined(separator: ":") + "::" + hex[best.upperBound...].joined(separator: ":")
    }

    /// Groups between single colons, the last two perhaps as a dotted IPv4 address. Empty text is no groups.
    private static func list(_ text: Substring.UTF8View, allowsIPv4Tail: Bool = true) -> [UInt16]? {
        if text.isEmpty { return [] }
        let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count <= 8 else { return nil }
        var groups = [UInt16]()
        for (index, part) in parts.enumerated() {
            if allowsIPv4Tail, index == parts.count - 1, let tail = octets(part) {
                groups.append(UInt16(tail[0]) << 8 | UInt16(tail[1]))
                groups.append(UInt16(tail[2]) << 8 | UInt16(tail[3]))
                continue
            }
            guard (1...4).contains(part.count), part.allSatisfy({ ASCII.hexValue($0) != nil }),
                let group = UInt16(String(Substring(part)), radix: 16)
            else { return nil }
            groups.append(group)
        }
        return groups
    }
}
