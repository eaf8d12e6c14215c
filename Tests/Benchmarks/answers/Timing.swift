import Glibc  // for the linker: rounding is in the C library
import SMGBase

/// Nanoseconds of the fastest of seven rounds of `work`.
func fastest(_ work: () -> Void) -> Double {
    var best = Double.infinity
    for _ in 0..<7 {
        let start = Instant.now()
        work()
        best = min(best, Double((Instant.now() - start).nanoseconds))
    }
    return best
}

/// `value` with `digits` behind the point, at least `width` wide.
func padded(_ value: Double, _ width: Int = 9) -> String {
    let tenths = Int((value * 10).rounded())
    let text = "\(tenths / 10).\(abs(tenths % 10))"
    return String(repeating: " ", count: max(0, width - text.utf8.count)) + text
}
