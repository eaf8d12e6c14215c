internal import SMGBase

/// Which characters stand side by side in some piece. Between two that never do, no merge reaches across: a text may be
/// cut there without a change.
struct AdjacentCharacters: ~Copyable {
    /// Classes of characters below 0x80, which are their own, and of U+2581, the one other that every word has.
    private static let spaceClass = 128
    private static let classes = 129
    private static let space: SymbolTable.Character = 0x81_96e2 | 3 << 32

    /// Pairs of classes.
    private var common = [Bool](repeating: false, count: AdjacentCharacters.classes * AdjacentCharacters.classes)
    private var others: Set<UInt64> = []

    @inline(__always)
    private static func classOf(_ character: SymbolTable.Character) -> Int? {
        if character & 0xffff_ff80 == 0 { return Int(truncatingIfNeeded: character & 0x7f) }
        return character == space ? spaceClass : nil
    }

    /// Two characters of up to four bytes; that a clipped one looks like another costs a cut at most.
    @inline(__always)
    private static func key(_ left: SymbolTable.Character, _ right: SymbolTable.Character) -> UInt64 {
        left << 32 | (right & 0xffff_ffff)
    }

    /// Notes that `left` and `right` stand side by side in a piece.
    mutating func add(_ left: SymbolTable.Character, _ right: SymbolTable.Character) {
        if let a = Self.classOf(left), let b = Self.classOf(right) {
            common[a * Self.classes + b] = true
        } else {
            others.insert(Self.key(left, right))
        }
    }

    /// Whether a merge may reach across `left` and `right`.
    @inline(__always)
    func contains(_ left: SymbolTable.Character, _ right: SymbolTable.Character) -> Bool {
        if let a = Self.classOf(left), let b = Self.classOf(right) { return common[a &* Self.classes &+ b] }
        return others.contains(Self.key(left, right))
    }
}
