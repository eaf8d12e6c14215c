internal import CLinux
package import Synchronization

/// Zeroed words at a fixed address: the cells of one loop.
///
/// The whole range is reserved at once and the kernel supplies pages as they are touched, so cells never move and
/// an update needs no bounds bookkeeping. One thread writes, the scraper reads: every access is a relaxed atomic load or
/// store of one word, which on the supported processors is an ordinary move.
package final class MetricBlock<Word: AtomicRepresentable>: @unchecked Sendable {
    // Sendable by rule: the pointer never changes and the words behind it are only touched through atomics.

    @usableFromInline package let words: UnsafeMutablePointer<Atomic<Word>>
    private let byteCount: Int

    /// Reserves `count` words of zero bits.
    init(count: Int) {
        byteCount = count * MemoryLayout<Atomic<Word>>.stride
        guard let address = clinux_reserve_memory(byteCount) else { fatalError("no address space for metric cells") }
        // SAFETY: zero bits are the representation of 0 for every integer `Word`; pages are aligned for any word.
        words = address.bindMemory(to: Atomic<Word>.self, capacity: count)
    }

    deinit { munmap(UnsafeMutableRawPointer(words), byteCount) }
}
