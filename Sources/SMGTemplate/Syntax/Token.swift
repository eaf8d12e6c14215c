/// A piece of a template's source.
struct Token {
    /// What a token is.
    enum Kind: Equatable {
        /// Text between the tags, after whitespace control.
        case data
        case blockBegin, blockEnd
        case variableBegin, variableEnd
        case name, string, integer, float
        case symbol(Symbol)
        case end
    }

    /// An operator or a bracket.
    enum Symbol: String, CaseIterable {
        case add = "+"
        case sub = "-"
        case div = "/"
        case floorDiv = "//"
        case mul = "*"
        case mod = "%"
        case pow = "**"
        case tilde = "~"
        case leftBracket = "["
        case rightBracket = "]"
        case leftParen = "("
        case rightParen = ")"
        case leftBrace = "{"
        case rightBrace = "}"
        case equal = "=="
        case notEqual = "!="
        case greater = ">"
        case greaterEqual = ">="
        case less = "<"
        case lessEqual = "<="
        case assign = "="
        case dot = "."
        case colon = ":"
        case pipe = "|"
        case comma = ","
        case semicolon = ";"
    }

    var kind: Kind
    /// The name, the decoded string, the data or the digits.
    var text: String
    var line: Int

    /// The token as error messages name it.
    var description: String {
        switch kind {
        case .data: "template data / text"
        case .blockBegin: "begin of statement block"
        case .blockEnd: "end of statement block"
        case .variableBegin: "begin of print statement"
        case .variableEnd: "end of print statement"
        case .name: text
        case .string: "string"
        case .integer: "integer"
        case .float: "float"
        case .symbol(let symbol): symbol.rawValue
        case .end: "end of template"
        }
    }
}
