internal import CPCRE2

/// Memory that matching needs. Belongs to one thread at a time.
final class PatternScratch {
    let matchData: OpaquePointer
    let context: OpaquePointer
    private let stack: OpaquePointer?
    private var stretches: [TextPattern.Stretch] = []

    init() {
        guard let matchData = pcre2_match_data_create_8(1, nil), let context = pcre2_match_context_create_8(nil) else {
            fatalError("out of memory for a pattern")
        }
        self.matchData = matchData
        self.context = context
        pcre2_set_match_limit_8(context, PatternLimits.steps)
        pcre2_set_depth_limit_8(context, PatternLimits.depth)
        pcre2_set_heap_limit_8(context, PatternLimits.heapKiB)
        stack = pcre2_jit_stack_create_8(32 << 10, PatternLimits.stackBytes, nil)
        pcre2_jit_stack_assign_8(context, nil, UnsafeMutableRawPointer(stack))
    }

    deinit {
        pcre2_match_context_free_8(context)
        pcre2_match_data_free_8(matchData)
        pcre2_jit_stack_free_8(stack)
    }

    /// A list to be given back with `give`; nested uses get a new one.
    func takeStretches() -> [TextPattern.Stretch] {
        var taken: [TextPattern.Stretch] = []
        swap(&taken, &stretches)
        return taken
    }

    func give(_ list: [TextPattern.Stretch]) { stretches = list }
}

/// The bounds of regular expressions, with their reasons.
enum PatternLimits {
    /// Bytes of one pattern. The longest real one has about 4,000.
    static let patternBytes = 64 << 10
    /// Groups and classes open at once in a pattern.
    static let nesting = 64
    /// Backtracking steps of one match. Real patterns need about as many as the match has characters, and a run of
    /// one kind of characters may be a whole text.
    static let steps: UInt32 = 1 << 26
    /// Nested backtracking points, when the expression is interpreted.
    static let depth: UInt32 = 1 << 24
    /// Memory of one match, when the expression is interpreted.
    static let heapKiB: UInt32 = 256 << 10
    /// Memory of one match, when the expression is machine code.
    static let stackBytes = 8 << 20
}
