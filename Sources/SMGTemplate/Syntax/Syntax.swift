/// An expression of the template language.
struct Expression {
    /// What kind of expression it is, with its parts.
    indirect enum Kind {
        case literal(Literal)
        case name(String)
        /// `namespace.attribute` where something is assigned.
        case namespaceReference(String, attribute: String)
        case tuple([Expression])
        case list([Expression])
        case dict([Member])
        case attribute(Expression, String)
        case item(Expression, Expression)
        case slice(Expression, start: Expression?, stop: Expression?, step: Expression?)
        case unary(UnaryOperator, Expression)
        case binary(BinaryOperator, Expression, Expression)
        case concat([Expression])
        case compare(Expression, [Comparison])
        case and(Expression, Expression)
        case or(Expression, Expression)
        case not(Expression)
        case condition(test: Expression, then: Expression, otherwise: Expression?)
        case call(Expression, Arguments)
        /// A filter; without an input it applies to the block around it.
        case filter(Expression?, name: String, Arguments)
        case test(Expression, name: String, Arguments)
    }

    /// A key and its value in a dictionary.
    struct Member {
        var key: Expression
        var value: Expression
    }

    /// A comparison with what stands before it.
    struct Comparison {
        var comparison: ComparisonOperator
        var operand: Expression
    }

    let kind: Kind
    let line: Int
    /// Levels of the tree below and with this one.
    let height: Int
}

/// A constant as it is written.
enum Literal {
    case string(String)
    case int(Int)
    case float(Double)
    case bool(Bool)
    case none
}

enum UnaryOperator { case minus, plus }

enum BinaryOperator: UInt8 { case add, sub, mul, div, floorDiv, mod, pow }

enum ComparisonOperator: UInt8 { case equal, notEqual, less, lessEqual, greater, greaterEqual, contained, notContained }

/// The arguments of a call, filter or test.
struct Arguments {
    var positional: [Expression] = []
    var named: [(name: String, value: Expression)] = []
    /// `*sequence`.
    var rest: Expression?
    /// `**mapping`.
    var namedRest: Expression?

    /// All expressions in the order they are written.
    var all: [Expression] {
        positional + named.map(\.value) + [rest, namedRest].compactMap { $0 }
    }
}

/// The parameters of a macro or call block.
struct Parameters {
    var names: [String] = []
    /// Defaults of the last parameters.
    var defaults: [Expression] = []
}

/// A statement of the template language.
struct Statement {
    /// What kind of statement it is, with its parts.
    indirect enum Kind {
        case output([Piece])
        case loop(Loop)
        case branch([Branch], otherwise: [Statement])
        case set(target: Expression, value: Expression)
        case setBlock(target: Expression, filter: Expression?, body: [Statement])
        case macro(name: String, Parameters, body: [Statement])
        case callBlock(call: Expression, Parameters, body: [Statement])
        case filterBlock(filter: Expression, body: [Statement])
        case with(targets: [Expression], values: [Expression], body: [Statement])
        /// `{% generation %}`, and `{% autoescape false %}`, which both only open a scope.
        case generation([Statement])
        case scope([Statement])
        case evaluate(Expression)
        case leave
        case next
    }

    /// Part of what a template prints.
    enum Piece {
        case text(String)
        case expression(Expression)
    }

    /// A condition of an `if` statement and what it guards.
    struct Branch {
        var test: Expression
        var body: [Statement]
    }

    /// A `for` statement.
    struct Loop {
        var target: Expression
        var source: Expression
        var filter: Expression?
        var isRecursive: Bool
        var body: [Statement]
        var otherwise: [Statement]
    }

    let kind: Kind
    let line: Int
}
