/// Names of character properties in patterns.
enum PatternProperty {
    /// What stands between brackets for `\p{name}`; nil for a name that is unknown.
    static func content(of name: String) -> String? {
        let key = name.utf8.filter { $0 != 0x20 && $0 != UInt8(ascii: "_") && $0 != UInt8(ascii: "-") }
            .map { $0 &- 65 < 26 ? $0 | 0x20 : $0 }
        let plain = String(decoding: key, as: UTF8.self)
        guard !key.isEmpty, key.count <= 40, key.allSatisfy({ $0 &- 97 < 26 || $0 &- 48 < 10 }) else { return nil }
        if let category = categories[plain] { return self.category(category) }
        if let posix = posix(plain) { return posix }
        if binary.contains(plain) { return "\\p{\(plain)}" + newer.property(plain) }
        // The script itself: PCRE2 would take its extensions.
        return "\\p{sc:\(plain)}" + newer.property(plain)
    }

    private static var newer: NewerScalars { NewerScalars.shared }

    /// A general category as the reference has it.
    private static func category(_ name: String) -> String {
        switch name {
        // Everything that is no letter, mark, number, punctuation, symbol or separator.
        case "C", "Cn", "Any", "Cs", "Co", "Cc", "Cf": "\\p{\(name)}"
        default: "\\p{\(name)}" + newer.category(name)
        }
    }

    private static func categories(_ names: String...) -> String { names.map(category).joined() }

    /// White space.
    static let space = "\\p{White_Space}"
    /// Word characters, as classes have them.
    static var word: String { alphabetic + categories("M", "Nd", "Pc") }
    /// Word characters outside of classes, and for the ends of words: there the reference looks into an old table of
    /// Latin-1 first, which has ², ³, ¹ and the fractions.
    static var wordAlone: String { word + "\\x{b2}\\x{b3}\\x{b9}\\x{bc}-\\x{be}" }
    static var digit: String { category("Nd") }

    private static var alphabetic: String { "\\p{Alphabetic}" + newer.property("alphabetic") }

    /// The same for POSIX brackets, with Unicode's meaning.
    static func posix(_ name: String) -> String? {
        switch name {
        case "alpha": alphabetic
        case "alnum": alphabetic + digit
        case "digit": digit
        case "upper": "\\p{Uppercase}" + newer.property("uppercase")
        case "lower": "\\p{Lowercase}" + newer.property("lowercase")
        case "space": space
        case "blank": "\\p{Zs}\\t"
        case "cntrl": "\\p{Cc}"
        case "punct": categories("P", "S")
        case "xdigit": "0-9A-Fa-f"
        case "word": word
        case "ascii": "\\x{0}-\\x{7f}"
        case "graph": categories("L", "M", "N", "P", "S") + "\\p{Cf}\\p{Co}"
        case "print": categories("L", "M", "N", "P", "S") + "\\p{Cf}\\p{Co}\\p{Zs}"
        default: nil
        }
    }

    /// Binary properties that both engines know, by their folded names.
    private static let binary: Set<String> = [
        "alphabetic", "uppercase", "lowercase", "whitespace", "math", "dash", "hexdigit", "asciihexdigit",
        "ideographic",
        "unifiedideograph", "diacritic", "extender", "cased", "caseignorable", "emoji", "emojipresentation",
        "emojimodifier", "emojimodifierbase", "emojicomponent", "extendedpictographic", "idstart", "idcontinue",
        "xidstart", "xidcontinue", "quotationmark", "joincontrol", "variationselector", "radical",
        "defaultignorablecodepoint", "graphemebase", "graphemeextend", "regionalindicator", "softdotted",
        "sentenceterminal", "terminalpunctuation", "patternwhitespace", "patternsyntax", "logicalorderexception",
        "noncharactercodepoint", "bidicontrol", "deprecated",
    ]

    /// General categories by their folded short and long names.
    private static let categories: [String: String] = [
        "any": "Any", "l": "L", "letter": "L", "lu": "Lu", "uppercaseletter": "Lu", "ll": "Ll", "lowercaseletter": "Ll",
        "lt": "Lt", "titlecaseletter": "Lt", "lc": "L&", "casedletter": "L&", "lm": "Lm", "modifierletter": "Lm",
        "lo": "Lo", "otherletter": "Lo", "m": "M", "mark": "M", "combiningmark": "M", "mn": "Mn",
        "nonspacingmark": "Mn",
        "mc": "Mc", "spacingmark": "Mc", "me": "Me", "enclosingmark": "Me", "n": "N", "number": "N", "nd": "Nd",
        "decimalnumber": "Nd", "nl": "Nl", "letternumber": "Nl", "no": "No", "othernumber": "No", "p": "P",
        "punctuation": "P", "pc": "Pc", "connectorpunctuation": "Pc", "pd": "Pd", "dashpunctuation": "Pd", "ps": "Ps",
        "openpunctuation": "Ps", "pe": "Pe", "closepunctuation": "Pe", "pi": "Pi", "initialpunctuation": "Pi",
        "pf": "Pf",
        "finalpunctuation": "Pf", "po": "Po", "otherpunctuation": "Po", "s": "S", "symbol": "S", "sm": "Sm",
        "mathsymbol": "Sm", "sc": "Sc", "currencysymbol": "Sc", "sk": "Sk", "modifiersymbol": "Sk", "so": "So",
        "othersymbol": "So", "z": "Z", "separator": "Z", "zs": "Zs", "spaceseparator": "Zs", "zl": "Zl",
        "lineseparator": "Zl", "zp": "Zp", "paragraphseparator": "Zp", "c": "C", "other": "C", "cc": "Cc",
        "control": "Cc",
        "cf": "Cf", "format": "Cf", "co": "Co", "privateuse": "Co", "cs": "Cs", "surrogate": "Cs", "cn": "Cn",
        "unassigned": "Cn",
    ]
}
