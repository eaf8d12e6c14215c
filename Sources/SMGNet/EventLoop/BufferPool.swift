package import SMGBase

/// The read and write buffers of one loop. A connection borrows one only while it holds bytes, so ten thousand idle
/// connections hold none.
package final class BufferPool {
    /// Fits the head of almost every request, its body too for short prompts, and a burst of tokens.
    package static let bufferBytes = 16 << 10
    /// 1 MiB kept per loop: more concurrent readers than that are rare within one turn.
    static let keptBuffers = 64

    private var free: ContiguousArray<ByteBuffer> = []

    package init() {}

    /// An empty buffer of at least `bufferBytes`.
    package func take() -> ByteBuffer { free.popLast() ?? ByteBuffer(capacity: BufferPool.bufferBytes) }

    /// Gives a buffer back. One that has grown is freed instead: its size was one peer's need.
    package func give(_ buffer: ByteBuffer) {
        guard buffer.capacity == BufferPool.bufferBytes, free.count < BufferPool.keptBuffers else { return }
        buffer.clear()
        free.append(buffer)
    }
}
