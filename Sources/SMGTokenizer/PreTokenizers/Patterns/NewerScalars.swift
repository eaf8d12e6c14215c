internal import CPCRE2
internal import SMGUnicode

/// Scalars that the reference's engine knows and the PCRE2 of this machine does not, because its Unicode is older: what
/// has to be added to a property so that it means the same.
struct NewerScalars: Sendable {
    /// Computed when the first pattern is translated; takes some milliseconds.
    static let shared = NewerScalars()

    /// Ranges as they stand in a class, by general category ("Lo").
    private var categories: [String: String] = [:]
    private var alphabetic = ""
    private var uppercase = ""
    private var lowercase = ""
    private var han = ""

    /// What to add to a class that has the general category `name`, long ("Lu") or short ("L").
    func category(_ name: String) -> String {
        let members =
            switch name {
            case "L&": ["Lu", "Ll", "Lt"]
            case let name where name.count == 1: categories.keys.filter { $0.hasPrefix(name) }.sorted()
            default: [name]
            }
        return members.compactMap { categories[$0] }.joined()
    }

    /// The same for a binary property, by its folded name, and for the script Han.
    func property(_ name: String) -> String {
        switch name {
        case "alphabetic": alphabetic
        case "uppercase": uppercase
        case "lowercase": lowercase
        case "han", "hani": han
        default: ""
        }
    }

    private init() {
        let table = ScalarTable.oniguruma
        var scalars: [String: [UInt32]] = [:]
        var (alphabetic, uppercase, lowercase, han): ([UInt32], [UInt32], [UInt32], [UInt32]) = ([], [], [], [])
        for scalar in Self.unassigned() {
            let traits = table.traits(scalar)
            guard !traits.isEmpty, let properties = Unicode.Scalar(scalar)?.properties,
                let category = Self.name(properties.generalCategory)
            else { continue }
            scalars[category, default: []].append(scalar)
            if properties.isAlphabetic { alphabetic.append(scalar) }
            if properties.isUppercase { uppercase.append(scalar) }
            if properties.isLowercase { lowercase.append(scalar) }
            if traits.contains(.han) { han.append(scalar) }
        }
        categories = scalars.mapValues(Self.ranges)
        self.alphabetic = Self.ranges(alphabetic)
        self.uppercase = Self.ranges(uppercase)
        self.lowercase = Self.ranges(lowercase)
        self.han = Self.ranges(han)
    }

    /// Scalars that PCRE2 takes for unassigned, ascending.
    private static func unassigned() -> [UInt32] {
        var fault: CInt = 0
        var offset = 0
        let pattern = Array("\\p{Cn}".utf8)
        guard let code = pcre2_compile_8(pattern, pattern.count, PCRE2_UTF, &fault, &offset, nil) else { return [] }
        defer { pcre2_code_free_8(code) }
        pcre2_jit_compile_8(code, PCRE2_JIT_COMPLETE)
        let scratch = PatternScratch()
        var found: [UInt32] = []
        for scalar in UInt32(0x370)...0x10ffff {
            guard let character = Unicode.Scalar(scalar), !ScalarTable.oniguruma.traits(scalar).isEmpty else {
                continue
            }
            let text = Array(String(character).utf8)
            let result = pcre2_match_8(
                code, text, text.count, 0, PCRE2_NO_UTF_CHECK, scratch.matchData, scratch.context)
            if result >= 0 { found.append(scalar) }
        }
        return found
    }

    /// `scalars` as ranges of a class.
    private static func ranges(_ scalars: [UInt32]) -> String {
        var text = ""
        var i = 0
        while i < scalars.count {
            var j = i
            while j + 1 < scalars.count, scalars[j + 1] == scalars[j] + 1 { j += 1 }
            text += PatternTranslator.literal(scalars[i])
            if j > i { text += "-" + PatternTranslator.literal(scalars[j]) }
            i = j + 1
        }
        return text
    }

    /// The short name of a category that has traits; nil for others.
    private static func name(_ category: Unicode.GeneralCategory) -> String? {
        switch category {
        case .uppercaseLetter: "Lu"
        case .lowercaseLetter: "Ll"
        case .titlecaseLetter: "Lt"
        case .modifierLetter: "Lm"
        case .otherLetter: "Lo"
        case .nonspacingMark: "Mn"
        case .spacingMark: "Mc"
        case .enclosingMark: "Me"
        case .decimalNumber: "Nd"
        case .letterNumber: "Nl"
        case .otherNumber: "No"
        case .connectorPunctuation: "Pc"
        case .dashPunctuation: "Pd"
        case .openPunctuation: "Ps"
        case .closePunctuation: "Pe"
        case .initialPunctuation: "Pi"
        case .finalPunctuation: "Pf"
        case .otherPunctuation: "Po"
        case .mathSymbol: "Sm"
        case .currencySymbol: "Sc"
        case .modifierSymbol: "Sk"
        case .otherSymbol: "So"
        default: nil
        }
    }
}
