internal import SMGNet

/// Work whose time grows with the request, kept off the loop when it is long.
extension BlockingPool {
    /// Up to this many bytes are worked through on the event loop: at 50 MB/s, a tokenizer with text never seen before,
    /// that is 200 µs, about what a change of threads and its wake-ups cost under load.
    static let inlineBytes = 8 << 10

    /// Runs `work` here when `bytes` are few, else on a thread of the pool.
    /// - Throws: what `work` throws; `queue_full` when too much waits for a thread.
    func run<T: Sendable>(
        bytes: Int, _ work: @escaping @Sendable () throws(GatewayError) -> T
    ) async throws(GatewayError) -> T {
        if bytes <= BlockingPool.inlineBytes { return try work() }
        let result: Result<T, GatewayError>
        do {
            result = try await run {
                do throws(GatewayError) { return .success(try work()) } catch { return .failure(error) }
            }
        } catch { throw GatewayError(.queueFull, "Too much work waits for a thread.") }
        return try result.get()
    }
}

/// Carries what one thread is done with to the next.
struct HandedOver<Value>: @unchecked Sendable {
    // SAFETY (@unchecked Sendable): one thread at a time touches the value; the pool's queue orders them.
    let value: Value
    init(_ value: Value) { self.value = value }
}
