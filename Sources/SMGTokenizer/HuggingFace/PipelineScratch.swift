internal import SMGBase
internal import Synchronization

/// Memory that one encoding needs. Belongs to one thread at a time.
final class PipelineScratch {
    let pattern: PatternScratch
    let normalizer: TextNormalizer.Scratch
    let pieces = PieceList()
    let model: TokenModel.Scratch
    /// A text whose UTF-8 was repaired.
    let repaired = ByteBuffer(capacity: 16)
    /// Ids that are only counted.
    let counted = TokenBuffer()

    init(_ model: TokenModel) {
        pattern = PatternScratch()
        normalizer = TextNormalizer.Scratch(pattern)
        self.model = model.makeScratch()
    }
}

/// Scratches that nobody uses at the moment.
final class ScratchPool<Scratch: AnyObject>: Sendable {
    /// Hands a scratch from thread to thread.
    private struct Box: @unchecked Sendable {
        // SAFETY (@unchecked Sendable): a scratch is either in the pool or with the one thread that took it.
        let scratch: Scratch
    }

    private let free = Mutex<[Box]>([])
    /// Scratches kept: more threads than this do not encode with one tokenizer for long.
    private static var kept: Int { 64 }

    /// Calls `body` with a scratch from the pool, or one that `make` makes.
    func with<Result, Failure: Error>(
        _ make: () -> Scratch, _ body: (Scratch) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let box = free.withLock { $0.popLast() } ?? Box(scratch: make())
        defer { free.withLock { if $0.count < Self.kept { $0.append(box) } } }
        return try body(box.scratch)
    }
}
