import SMGBase

@testable import SMGRouting

/// What a prefix index should know, written down the plain way: every string each tenant was given.
struct PrefixModel {
    var strings: [Int: Set<[UInt8]>] = [:]

    mutating func insert(_ text: [UInt8], _ tenant: Int) {
        if !text.isEmpty { strings[tenant, default: []].insert(text) }
    }

    /// How much of `text` the strings of `tenant` cover.
    func matched(_ text: [UInt8], _ tenant: Int) -> Int {
        strings[tenant, default: []].map { zip($0, text).prefix { $0 == $1 }.count }.max() ?? 0
    }

    func match(_ text: [UInt8]) -> (bytes: Int, tenants: [Int]) {
        let lengths = strings.keys.map { ($0, matched(text, $0)) }
        let best = lengths.map(\.1).max() ?? 0
        return (best, best == 0 ? [] : lengths.filter { $0.1 == best }.map(\.0).sorted())
    }

    /// Bytes of `tenant`'s strings, common prefixes once: the number of distinct non-empty prefixes.
    func bytes(_ tenant: Int) -> Int {
        Set(strings[tenant, default: []].flatMap { text in (1...text.count).map { Array(text[..<$0]) } }).count
    }
}

extension PrefixIndex {
    func insert(_ text: [UInt8], tenant: Int) { text.withUnsafeBytes { insert($0, tenant: tenant) } }
    func insert(_ text: String, tenant: Int) { insert(Array(text.utf8), tenant: tenant) }
    func match(_ text: [UInt8]) -> (bytes: Int, tenants: [Int]) { text.withUnsafeBytes { match($0) } }
    func match(_ text: String) -> (bytes: Int, tenants: [Int]) { match(Array(text.utf8)) }
}

extension FastRandom {
    mutating func text(length: Int, alphabet: Int) -> [UInt8] {
        (0..<length).map { _ in UInt8(truncatingIfNeeded: below(alphabet)) }
    }
}
