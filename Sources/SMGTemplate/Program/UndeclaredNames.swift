/// Finds which of a few special names (`loop`, `caller` …) a body reads before it sets them itself, by Jinja's rules:
/// one pass over everything in it, inner blocks and macros included.
struct UndeclaredNames {
    private var wanted: Set<String>
    private(set) var found: Set<String> = []

    /// Which of `names` the statements `body` read.
    static func find(_ names: Set<String>, in body: [Statement]) -> Set<String> {
        var visitor = UndeclaredNames(wanted: names)
        visitor.visit(body)
        return visitor.found
    }

    private init(wanted: Set<String>) { self.wanted = wanted }

    private mutating func visit(_ statements: [Statement]) {
        for statement in statements where found != wanted { visit(statement) }
    }

    private mutating func visit(_ expression: Expression?) {
        guard let expression else { return }
        if case .name(let name) = expression.kind, wanted.contains(name) { found.insert(name) }
        for part in expression.parts { visit(part) }
    }

    private mutating func visit(target: Expression) {
        switch target.kind {
        case .name(let name): wanted.remove(name)
        case .tuple(let parts): for part in parts { visit(target: part) }
        default: break
        }
    }

    private mutating func visit(_ parameters: Parameters) {
        wanted.subtract(parameters.names)
        for value in parameters.defaults { visit(value) }
    }

    private mutating func visit(_ statement: Statement) {
        switch statement.kind {
        case .output(let pieces):
            for case .expression(let expression) in pieces { visit(expression) }
        case .loop(let loop):
            visit(target: loop.target)
            visit(loop.source)
            visit(loop.body)
            visit(loop.otherwise)
            visit(loop.filter)
        case .branch(let branches, let otherwise):
            for branch in branches {
                visit(branch.test)
                visit(branch.body)
            }
            visit(otherwise)
        case .set(let target, let value):
            visit(target: target)
            visit(value)
        case .setBlock(let target, let filter, let body):
            visit(target: target)
            visit(filter)
            visit(body)
        case .macro(_, let parameters, let body):
            visit(parameters)
            visit(body)
        case .callBlock(let call, let parameters, let body):
            visit(call)
            visit(parameters)
            visit(body)
        case .filterBlock(let filter, let body):
            visit(body)
            visit(filter)
        case .with(let targets, let values, let body):
            for target in targets { visit(target: target) }
            for value in values { visit(value) }
            visit(body)
        case .generation(let body), .scope(let body): visit(body)
        case .evaluate(let expression): visit(expression)
        case .leave, .next: break
        }
    }
}
