/// A variable: a name within the frame that owns it.
struct Variable: Hashable {
    var frame: Int
    var name: String
}

/// The names one frame (template, loop body, macro, block) knows, by Jinja's rules: where a name is read before it is
/// set, it comes from outside; where it is set, it is the frame's own from the frame's start, copied from outside if
/// it is known there.
final class Scope {
    /// How a frame's own variable gets its value when the frame is entered.
    enum Load: Equatable {
        /// It is a parameter or loop target: whoever enters the frame sets it.
        case parameter
        /// It comes from the input or the global functions.
        case context
        /// It starts as a copy of an outer variable.
        case copy(Variable)
        /// It starts unset.
        case unset
    }

    let frame: Int
    let parent: Scope?
    /// For a branch of an `if`: the scope around it, to which the branch adds.
    private let base: Scope?
    private var names: Set<String> = []
    private(set) var loads: [String: Load] = [:]
    private(set) var stores: Set<String> = []

    init(frame: Int, parent: Scope?) {
        self.frame = frame
        self.parent = parent
        base = nil
    }

    private init(branchOf base: Scope) {
        frame = base.frame
        parent = base.parent
        self.base = base
    }

    /// Whether `holds` for this scope or one that it is a branch of.
    private func isTrueHere(_ holds: (Scope) -> Bool) -> Bool {
        var scope: Scope? = self
        while let here = scope {
            if holds(here) { return true }
            scope = here.base
        }
        return false
    }

    private func knows(_ name: String) -> Bool { isTrueHere { $0.names.contains(name) } }

    /// The variable `name` means here; nil when nobody mentioned it.
    func find(_ name: String) -> Variable? {
        var scope: Scope? = self
        while let here = scope {
            if here.knows(name) { return Variable(frame: here.frame, name: name) }
            scope = here.parent
        }
        return nil
    }

    private func define(_ name: String, _ load: Load) {
        names.insert(name)
        loads[name] = load
    }

    func store(_ name: String) {
        stores.insert(name)
        guard !knows(name) else { return }
        define(name, parent?.find(name).map { .copy($0) } ?? .unset)
    }

    func declareParameter(_ name: String) {
        stores.insert(name)
        define(name, .parameter)
    }

    func load(_ name: String) {
        if find(name) == nil { define(name, .context) }
    }

    /// Takes over what the branches of an `if` added to this scope.
    private func merge(_ branches: [Scope]) {
        var stored: Set<String> = []
        for branch in branches { stored.formUnion(branch.stores) }
        stored = stored.filter { name in !isTrueHere { $0.stores.contains(name) } }
        for branch in branches {
            names.formUnion(branch.names)
            loads.merge(branch.loads) { _, new in new }
            stores.formUnion(branch.stores)
        }
        // What only some branches set must have a value without them too.
        for name in stored { loads[name] = parent?.find(name).map { .copy($0) } ?? .context }
    }
}

// MARK: - Reading statements

extension Scope {
    func visit(_ statements: [Statement]) {
        for statement in statements { visit(statement) }
    }

    private func visit(_ statement: Statement) {
        switch statement.kind {
        case .output(let pieces):
            for case .expression(let expression) in pieces { visit(expression) }
        case .loop(let loop): visit(loop.source)
        case .branch(let branches, let otherwise): visit(branches, otherwise)
        case .set(let target, let value):
            visit(value)
            visit(target: target)
        case .setBlock(let target, _, _): visit(target: target)
        case .macro(let name, _, _): store(name)
        case .callBlock(let call, _, _): visit(call)
        case .filterBlock(let filter, _): visit(filter)
        case .with(_, let values, _): for value in values { visit(value) }
        case .evaluate(let expression): visit(expression)
        case .generation, .scope, .leave, .next: break
        }
    }

    private func visit(_ branches: [Statement.Branch], _ otherwise: [Statement]) {
        guard let first = branches.first else { return }
        visit(first.test)
        let body = Scope(branchOf: self)
        body.visit(first.body)
        let elifs = Scope(branchOf: self)
        for branch in branches.dropFirst() { elifs.visit([branch], []) }
        let rest = Scope(branchOf: self)
        rest.visit(otherwise)
        merge([body, elifs, rest])
    }

    /// Names read by `expression`, outer ones first.
    func visit(_ expression: Expression) {
        if case .name(let name) = expression.kind { load(name) }
        for part in expression.parts { visit(part) }
    }

    /// Names set by an assignment to `target`.
    func visit(target: Expression, asParameters: Bool = false) {
        switch target.kind {
        case .name(let name): asParameters ? declareParameter(name) : store(name)
        case .namespaceReference(let name, _): load(name)
        case .tuple(let parts): for part in parts { visit(target: part, asParameters: asParameters) }
        default: break
        }
    }
}

extension Expression {
    /// The expressions directly inside, in the order they are evaluated or read.
    var parts: [Expression] {
        switch kind {
        case .literal, .name, .namespaceReference: []
        case .tuple(let parts), .list(let parts), .concat(let parts): parts
        case .dict(let members): members.flatMap { [$0.key, $0.value] }
        case .attribute(let node, _), .unary(_, let node), .not(let node): [node]
        case .item(let a, let b), .binary(_, let a, let b), .and(let a, let b), .or(let a, let b): [a, b]
        case .slice(let node, let start, let stop, let step): [node] + [start, stop, step].compactMap { $0 }
        case .compare(let left, let operands): [left] + operands.map(\.operand)
        case .condition(let test, let then, let otherwise): [test, then] + [otherwise].compactMap { $0 }
        case .call(let node, let arguments): [node] + arguments.all
        case .filter(let node, _, let arguments): [node].compactMap { $0 } + arguments.all
        case .test(let node, _, let arguments): [node] + arguments.all
        }
    }
}
