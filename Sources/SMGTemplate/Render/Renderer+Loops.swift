internal import SMGBase

/// What the variable `loop` of a running loop knows.
struct LoopState {
    var source: UnsafeMutablePointer<IteratorState>
    var index0 = -1
    /// Items in all; -1 until somebody asks.
    var length = -1
    var current = Value.missing
    var before = Value.missing
    /// The next item, when somebody looked ahead.
    var after = Value.missing
    var isExhausted = false
    /// What `changed` was called with last.
    var changed = Value.missing
    /// Levels of recursion around.
    var depth0 = 0
    /// The recursive loop to call, and the frame it was defined in; -1 for other loops.
    var recursive: Int32 = -1
    var outer: UnsafeMutablePointer<FrameState>
}

extension Renderer {
    func loop(_ place: Int) throws(Stop) -> Flow {
        guard let info = program?.loops[place] else { return .normal }
        let source = try evaluate(info.source)
        if info.frameSlots >= 0 {
            try recursiveLoop(Int32(place), over: source, depth0: 0, outer: frame)
            return .normal
        }
        return try loop(Int32(place), info, over: source, depth0: 0, isRecursive: false)
    }

    /// Runs the body of a recursive loop over `source`, in a frame of its own.
    func recursiveLoop(
        _ place: Int32, over source: Value, depth0: Int, outer: UnsafeMutablePointer<FrameState>
    ) throws(Stop) {
        guard let info = program?.loops[Int(place)] else { return }
        let saved = frame
        let savedLocals = locals
        try enterCall(height: info.height)
        (frame, locals) = try enter(slots: info.frameSlots, outer: outer)
        _ = try loop(place, info, over: source, depth0: depth0, isRecursive: true)
        leaveCall(height: info.height)
        frame = saved
        locals = savedLocals
    }

    /// Counts a call whose body goes `height` levels down.
    func enterCall(height: Int32) throws(Stop) {
        calls += 1
        depth += Int(height)
        if calls > TemplateLimits.maximumCallDepth || depth > TemplateLimits.maximumDepth { throw tooDeep() }
    }

    func leaveCall(height: Int32) {
        calls -= 1
        depth -= Int(height)
    }

    private func loop(
        _ place: Int32, _ info: LoopInfo, over source: Value, depth0: Int, isRecursive: Bool
    ) throws(Stop) -> Flow {
        var iterator = try iterate(source)
        if info.filter >= 0 {
            try start(slots: info.filterSlots, count: info.filterSlotCount)
            var filtered = IteratorState(.filteredLoop)
            filtered.source = iterator
            filtered.place = place
            filtered.frame = frame
            iterator = try make(filtered)
        }
        // As in Jinja, only a body that was run to its end keeps the else part away.
        let finished: Bool
        if info.loopSlot >= 0 {
            var state = LoopState(source: iterator, depth0: depth0, outer: frame.pointee.outer ?? frame)
            if isRecursive { state.recursive = place }
            finished = try extendedLoop(info, try make(state))
        } else {
            finished = try plainLoop(info, iterator)
        }
        return !finished && info.otherwise >= 0 ? try run(block: info.otherwise) : .normal
    }

    private func plainLoop(
        _ info: LoopInfo, _ iterator: UnsafeMutablePointer<IteratorState>
    ) throws(Stop) -> Bool {
        var finished = false
        while true {
            let item = try next(iterator)
            if item.isMissing { return finished }
            try charge()
            try assign(item, to: info.target)
            switch try run(block: info.body) {
            case .normal: finished = true
            case .next: break
            case .leave: return finished
            }
        }
    }

    private func extendedLoop(_ info: LoopInfo, _ state: UnsafeMutablePointer<LoopState>) throws(Stop) -> Bool {
        let value = Value(.loop, at: state)
        var finished = false
        while true {
            let item = try advance(state)
            if item.isMissing { return finished }
            try charge()
            try assign(item, to: info.target)
            locals[Int(info.loopSlot)] = value
            switch try run(block: info.body) {
            case .normal: finished = true
            case .next: break
            case .leave: return finished
            }
        }
    }

    // MARK: - The variable `loop`

    /// The next item of a loop with its variable brought up to date; missing at the end.
    private func advance(_ state: UnsafeMutablePointer<LoopState>) throws(Stop) -> Value {
        let item = try peek(state)
        state.pointee.after = .missing
        if item.isMissing { return item }
        state.pointee.index0 += 1
        state.pointee.before = state.pointee.current
        state.pointee.current = item
        return item
    }

    /// The item after the one at hand; missing at the end.
    private func peek(_ state: UnsafeMutablePointer<LoopState>) throws(Stop) -> Value {
        if !state.pointee.after.isMissing || state.pointee.isExhausted { return state.pointee.after }
        let item = try next(state.pointee.source)
        state.pointee.after = item
        state.pointee.isExhausted = item.isMissing
        return item
    }

    /// How many items a loop has in all.
    func length(_ state: UnsafeMutablePointer<LoopState>) throws(Stop) -> Int {
        if state.pointee.length >= 0 { return state.pointee.length }
        let done = state.pointee.index0 + 1 + (state.pointee.after.isMissing ? 0 : 1)
        if let left = remaining(state.pointee.source) {
            state.pointee.length = done + left
            return done + left
        }
        // A lazy source is read to its end now.
        var rest = ListBuilder()
        if !state.pointee.isExhausted {
            while true {
                let item = try next(state.pointee.source)
                if item.isMissing { break }
                try append(item, to: &rest)
            }
        }
        state.pointee.source = try iterate(try list(rest))
        state.pointee.length = done + rest.count
        return done + rest.count
    }

    /// An attribute of the variable `loop`; nil when it has none of that name.
    func attribute(_ state: UnsafeMutablePointer<LoopState>, _ name: UnsafeRawBufferPointer) throws(Stop) -> Value? {
        let index0 = state.pointee.index0
        switch name.count {
        case 4 where name.equals("last"): return .bool(try peek(state).isMissing)
        case 5 where name.equals("first"): return .bool(index0 == 0)
        case 5 where name.equals("index"): return .int(index0 + 1)
        case 5 where name.equals("depth"): return .int(state.pointee.depth0 + 1)
        case 6 where name.equals("index0"): return .int(index0)
        case 6 where name.equals("length"): return .int(try length(state))
        case 6 where name.equals("depth0"): return .int(state.pointee.depth0)
        case 8 where name.equals("revindex"): return .int(try length(state) - index0)
        case 9 where name.equals("revindex0"): return .int(try length(state) - index0 - 1)
        case 8 where name.equals("previtem"):
            return index0 == 0 ? .undefined("there is no previous item") : state.pointee.before
        case 8 where name.equals("nextitem"):
            let item = try peek(state)
            return item.isMissing ? .undefined("there is no next item") : item
        default: return nil
        }
    }
}
