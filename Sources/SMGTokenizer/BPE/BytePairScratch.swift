/// Working memory of one encoding at a time: what was encoded before and the arrays of merging. `BytePairModel` keeps
/// some of them, so that a warm one is there for the next call.
///
/// Bound to the model that made it and to one thread at a time. At most about 5 MiB, after long pieces more.
package final class BytePairScratch: @unchecked Sendable {
    // SAFETY (@unchecked Sendable): whoever takes it out of the pool has it alone.

    /// Piece ends that a scanner writes in one go.
    static let endsCapacity = 1024

    var pieces = EncodedPieces()
    let merge = MergeScratch()
    /// Where pieces end, as offsets into the text.
    let ends: UnsafeMutablePointer<UInt32>
    /// Ids of one stretch, for counting.
    let counted = TokenBuffer()

    init() {
        ends = .allocate(capacity: Self.endsCapacity)
        ends.initialize(repeating: 0, count: Self.endsCapacity)
    }

    deinit { ends.deallocate() }
}
