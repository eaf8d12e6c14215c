import SMGBase
import SMGRouting

/// Match and insert of prompts. The prompt itself is in the cache, as it is when a request was just read and scanned;
/// the index is not, where there is more of it than fits.
func measureMatches() {
    var random = FastRandom(seed: 11)
    print("ns per match and insert")
    let known = text(16 << 10, &random)
    let index = PrefixIndex(maxBytes: 256 << 20)
    index.insert(known, tenant: 1)
    report("16 KB, the same prompt again", nanoseconds(20_000) { _ in index.insert(known, tenant: 1) })
    let prompts = (0..<2000).map { _ in text(16 << 10, &random) }
    report("16 KB unknown, memory new", warm(prompts) { index.insert($0, tenant: 2) })
    report("16 KB known, one of 2,000", warm(prompts) { index.insert($0, tenant: 2) })
    let longer = prompts.map { $0 + text(200, &random) }
    report("16 KB known + 200 B new", warm(longer) { index.insert($0, tenant: 2) })
    let other = PrefixIndex(maxBytes: 256 << 20)
    let chats = (0..<20_000).map { _ in Array("You are a helpful assistant. ".utf8) + text(300, &random) }
    report("330 B, its system prompt known", warm(chats) { other.insert($0, tenant: 1) })
    report("330 B, known", warm(chats) { other.insert($0, tenant: 1) })
    let start = Instant.now()
    let nodes = other.statistics.nodes
    other.removeTenant(1)
    report("removal of a tenant, per node", Double((Instant.now() - start).nanoseconds) / Double(nodes))
}

/// Nanoseconds per call, each prompt read once before its turn.
private func warm(_ prompts: [[UInt8]], _ body: ([UInt8]) -> Void) -> Double {
    var sum: Int64 = 0
    var seen: UInt8 = 0
    for prompt in prompts {
        for byte in prompt { seen ^= byte }
        let start = Instant.now()
        body(prompt)
        sum += (Instant.now() - start).nanoseconds
    }
    precondition(seen < 128, "the prompts are ASCII")
    return Double(sum) / Double(prompts.count)
}

/// Overhead per node for workloads with many nodes.
func measureNodes() {
    print("bytes beside the prompt's own, per node")
    var random = FastRandom(seed: 5)
    let shared = text(2000, &random)
    for (name, tenants) in [("8 tenants", 8), ("4,000 tenants", 4000)] {
        let index = PrefixIndex(maxBytes: 256 << 20)
        for _ in 0..<100_000 {
            let kept = random.below(100) * 20
            index.insert(Array(shared[..<kept]) + text(40, &random), tenant: random.below(tenants))
        }
        let figures = index.statistics
        let overhead = Double(figures.usedBytes - figures.labelBytes) / Double(figures.nodes)
        print(column(name, 34) + column(rounded(overhead)) + "   (\(figures.nodes) nodes)")
    }
    let wide = PrefixIndex(maxBytes: 256 << 20)
    for _ in 0..<200_000 { wide.insert(text(12, &random), tenant: random.below(8)) }
    let figures = wide.statistics
    let overhead = Double(figures.usedBytes - figures.labelBytes) / Double(figures.nodes)
    print(column("random short keys", 34) + column(rounded(overhead)) + "   (\(figures.nodes) nodes)")
}

/// Unique prompts far beyond the cap.
func measureCap() {
    var random = FastRandom(seed: 13)
    let index = PrefixIndex(maxBytes: 256 << 20)
    var prompt = text(16 << 10, &random)
    var peak = 0
    var slowest: Int64 = 0
    var sum: Int64 = 0
    let count = 50_000
    for i in 0..<count {
        for at in stride(from: 0, to: prompt.count, by: 97) { prompt[at] = UInt8(truncatingIfNeeded: random.next()) }
        prompt[0] = UInt8(truncatingIfNeeded: i)
        let start = Instant.now()
        index.insert(prompt, tenant: i % 64)
        let spent = (Instant.now() - start).nanoseconds
        sum += spent
        slowest = max(slowest, spent)
        peak = max(peak, index.statistics.reservedBytes)
    }
    let figures = index.statistics
    print("50,000 unique 16 KB prompts under a cap of \(figures.maxBytes) bytes")
    print("  peak \(peak) bytes, prompts kept \(figures.labelBytes) bytes, \(figures.evictedNodes) nodes evicted")
    print("  mean \(sum / Int64(count)) ns, slowest \(slowest) ns")
}

extension PrefixIndex {
    fileprivate func insert(_ prompt: [UInt8], tenant: Int) { prompt.withUnsafeBytes { insert($0, tenant: tenant) } }
}

private func report(_ name: String, _ value: Double) { print(column(name, 34) + column(rounded(value))) }
