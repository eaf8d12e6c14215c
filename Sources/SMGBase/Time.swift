internal import CLinux

/// A point on the monotonic clock, in nanoseconds. Plain data: tests make their own.
public struct Instant: Comparable, Hashable, Sendable {
    public var nanoseconds: Int64

    @inlinable public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// The monotonic clock now.
    package static func now() -> Instant { Instant(nanoseconds: clinux_monotonic_ns()) }

    @inlinable public static func < (a: Instant, b: Instant) -> Bool { a.nanoseconds < b.nanoseconds }

    @inlinable public static func + (a: Instant, b: TimeSpan) -> Instant {
        Instant(nanoseconds: a.nanoseconds &+ b.nanoseconds)
    }

    @inlinable public static func - (a: Instant, b: Instant) -> TimeSpan {
        TimeSpan(nanoseconds: a.nanoseconds &- b.nanoseconds)
    }
}

/// A length of time in nanoseconds. One word, so it can be stored and compared without conversions on the hot path.
public struct TimeSpan: Comparable, Hashable, Sendable {
    public var nanoseconds: Int64

    @inlinable public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    @inlinable public static func seconds(_ s: Int) -> TimeSpan { TimeSpan(nanoseconds: Int64(s) * 1_000_000_000) }
    @inlinable public static func seconds(_ s: Double) -> TimeSpan { TimeSpan(nanoseconds: Int64(s * 1e9)) }
    @inlinable public static func milliseconds(_ ms: Int) -> TimeSpan { TimeSpan(nanoseconds: Int64(ms) * 1_000_000) }
    @inlinable public static func microseconds(_ us: Int) -> TimeSpan { TimeSpan(nanoseconds: Int64(us) * 1000) }
    @inlinable public static var zero: TimeSpan { TimeSpan(nanoseconds: 0) }

    @inlinable public var seconds: Double { Double(nanoseconds) / 1e9 }
    @inlinable public var milliseconds: Int { Int(nanoseconds / 1_000_000) }

    @inlinable public static func < (a: TimeSpan, b: TimeSpan) -> Bool { a.nanoseconds < b.nanoseconds }
    @inlinable public static func + (a: TimeSpan, b: TimeSpan) -> TimeSpan {
        TimeSpan(nanoseconds: a.nanoseconds + b.nanoseconds)
    }
    @inlinable public static func - (a: TimeSpan, b: TimeSpan) -> TimeSpan {
        TimeSpan(nanoseconds: a.nanoseconds - b.nanoseconds)
    }
}

/// The wall clock, for logs, `created` fields and HTTP dates.
package enum WallClock {
    /// Nanoseconds since 1970-01-01 UTC.
    package static func nanoseconds() -> Int64 { clinux_realtime_ns() }
    /// Whole seconds since 1970-01-01 UTC.
    package static func seconds() -> Int64 { clinux_realtime_ns() / 1_000_000_000 }

    /// Seconds by which local time is ahead of UTC at that second.
    package static func utcOffset(at seconds: Int64) -> Int { clinux_utc_offset(seconds) }
}
