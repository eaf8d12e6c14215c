internal import SMGBase

/// Numbers for what SentencePiece's BPE merges: pieces keep their ids, characters that are no piece but occur in one get
/// numbers above them.
struct SymbolTable: ~Copyable {
    /// The symbol of a character that occurs in no piece: it never merges.
    static let none = UInt32.max

    /// Bytes of a character with their number in the upper half.
    typealias Character = UInt64

    /// Symbols of characters below 0x80.
    private var ascii = [UInt32](repeating: SymbolTable.none, count: 128)
    private var others: [Character: UInt32] = [:]
    /// Spellings of the symbols above the pieces.
    private(set) var spellings: [Character] = []
    private let pieces: Int

    /// `pieces` is the number of pieces.
    init(pieces: Int) { self.pieces = pieces }

    /// The character that `text` begins with; clipped where the text ends.
    @inline(__always)
    static func character(_ text: UnsafeRawBufferPointer, _ at: Int) -> (value: Character, length: Int) {
        let length = min(UTF8Scan.length(text[at]), text.count &- at)
        var value = Character(text[at])
        var i = 1
        while i < length {
            value |= Character(text[at &+ i]) << (8 &* Character(truncatingIfNeeded: i))
            i &+= 1
        }
        return (value | Character(truncatingIfNeeded: length) << 32, length)
    }

    /// The symbol of `character`.
    @inline(__always)
    func symbol(_ character: Character) -> UInt32 {
        if character & 0xffff_ff80 == 0 { return ascii[Int(truncatingIfNeeded: character & 0x7f)] }
        return others[character] ?? Self.none
    }

    /// Gives `character` the symbol of a piece.
    mutating func add(_ character: Character, piece: UInt32) { set(character, piece) }

    /// Gives `character` a symbol of its own unless it has one.
    mutating func add(_ character: Character) {
        guard symbol(character) == Self.none else { return }
        set(character, UInt32(pieces + spellings.count))
        spellings.append(character)
    }

    private mutating func set(_ character: Character, _ symbol: UInt32) {
        if character & 0xffff_ff80 == 0 {
            ascii[Int(truncatingIfNeeded: character & 0x7f)] = symbol
        } else {
            others[character] = symbol
        }
    }
}
