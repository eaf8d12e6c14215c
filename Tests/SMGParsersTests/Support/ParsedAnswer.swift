import SMGParsers

/// One call, with all its arguments.
struct ParsedCall: Hashable, Sendable {
    var name: String
    var arguments: String
    var id: String?
    var complete: Bool
}

/// What a stream of events amounts to.
struct ParsedAnswer: Hashable, Sendable {
    var content = ""
    var reasoning = ""
    var calls: [ParsedCall] = []
    var order = ""

    /// Nil when the events do not follow the rules: calls numbered in their order, arguments inside their call, every
    /// call ended once.
    init?(_ events: [ParserEvent]) {
        var open: Set<Int> = []
        func note(_ kind: Character) { if order.last != kind || kind == "t" { order.append(kind) } }
        for event in events {
            switch event {
            case .content(let text):
                content += text
                note("c")
            case .reasoning(let text):
                reasoning += text
                note("r")
            case .toolCall(let index, let id, let name):
                guard index == calls.count else { return nil }
                open.insert(index)
                calls.append(.init(name: name, arguments: "", id: id, complete: false))
                note("t")
            case .toolArguments(let index, let json):
                guard open.contains(index) else { return nil }
                calls[index].arguments += json
            case .toolCallEnd(let index, let complete):
                guard open.remove(index) != nil else { return nil }
                calls[index].complete = complete
            }
        }
        guard open.isEmpty else { return nil }
    }
}
