import SMGBase

@testable import SMGNet

/// Holds pool threads until the test lets them go.
final class Gate: @unchecked Sendable {
    // SAFETY: the counts are touched with the monitor held.
    private let monitor = Monitor()
    private var entered = 0
    private var passes = 0

    func pass() {
        monitor.locked {
            entered += 1
            monitor.broadcast()
            while passes == 0 { _ = monitor.wait(until: Instant(nanoseconds: .max)) }
            passes -= 1
        }
    }

    func waitUntilEntered(by count: Int = 1) async {
        while monitor.locked({ entered }) < count { await Task.yield() }
    }

    func open(for count: Int = 1) {
        monitor.locked {
            passes += count
            monitor.broadcast()
        }
    }
}
