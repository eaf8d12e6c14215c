package import SMGBase

/// One timer, armed and disarmed many times. Owned by whoever waits; the wheel holds it only while it is armed.
package final class LoopTimer {
    fileprivate let action: () -> Void
    /// Whether it fires when its loop ends, too: for waits that would otherwise never end. The action must then keep
    /// alive what it touches.
    fileprivate let firesAtEnd: Bool
    /// When it shall fire.
    package fileprivate(set) var deadline = Instant(nanoseconds: 0)
    /// The tick of the slot it is filed under: at or before the deadline's.
    fileprivate var filedTick: UInt64 = 0
    fileprivate var level = -1
    fileprivate var wanted = false
    fileprivate unowned(unsafe) var previous: LoopTimer?
    fileprivate var next: LoopTimer?

    /// - Parameter action: runs on the loop, once per arming. Capture the owner weakly or unowned.
    package init(firesAtEnd: Bool = false, _ action: @escaping () -> Void) {
        self.firesAtEnd = firesAtEnd
        self.action = action
    }

    /// Whether it will fire.
    package var isArmed: Bool { wanted }

    /// Runs the action unless the timer was disarmed or moved since the wheel found it due.
    package func fireIfStillDue() {
        guard wanted, level < 0 else { return }
        wanted = false
        action()
    }
}

/// A hierarchical hashed timer wheel: 6 levels of 64 slots, one tick 2²⁰ ns (about 1 ms), so about two years.
///
/// Arming, disarming and re-arming are O(1). Moving a deadline later only writes the field: the timer is filed anew
/// when its old slot comes up, so an idle timeout that is pushed on with every request costs two stores.
/// A pure structure: the time is a parameter.
package struct TimerWheel {
    static let tickShift: UInt64 = 20
    static let levels = 6
    static let slotBits: UInt64 = 6

    /// The last tick whose timers have fired.
    private var elapsed: UInt64
    private var slots: ContiguousArray<LoopTimer?>
    private var occupied: ContiguousArray<UInt64>
    package private(set) var count = 0

    package init(now: Instant) {
        elapsed = TimerWheel.tick(now)
        slots = ContiguousArray(repeating: nil, count: TimerWheel.levels * 64)
        occupied = ContiguousArray(repeating: 0, count: TimerWheel.levels)
    }

    private static func tick(_ instant: Instant) -> UInt64 { UInt64(max(0, instant.nanoseconds)) >> tickShift }

    /// Rounded up: a timer never fires early.
    private static func deadlineTick(_ instant: Instant) -> UInt64 {
        (UInt64(max(0, instant.nanoseconds)) + (1 << tickShift) - 1) >> tickShift
    }

    /// Arms `timer`, or moves it if it is armed already.
    package mutating func arm(_ timer: LoopTimer, at deadline: Instant) {
        timer.deadline = deadline
        timer.wanted = true
        let tick = TimerWheel.deadlineTick(deadline)
        if timer.level >= 0 {
            if tick >= timer.filedTick { return }
            unlink(timer)
        }
        file(timer, at: tick)
    }

    /// Disarms `timer`. It may stay filed until its slot comes up, but will not fire.
    package mutating func disarm(_ timer: LoopTimer) { timer.wanted = false }

    /// Disarms `timer` and forgets it at once, so that it and its action can go away.
    package mutating func remove(_ timer: LoopTimer) {
        timer.wanted = false
        if timer.level >= 0 { unlink(timer) }
    }

    /// When `advance` next has something to do; nil when no timer is filed.
    package var nextWake: Instant? {
        guard let (level, slot) = nextOccupied() else { return nil }
        let tick = startTick(level: level, slot: slot)
        return Instant(nanoseconds: Int64(tick << TimerWheel.tickShift))
    }

    /// Moves the wheel to `now` and takes out all timers due by then, into `due`. The caller then calls
    /// `fireIfStillDue()` on each: actions arm and disarm timers, so the wheel must be consistent before the first runs.
    package mutating func advance(to now: Instant, into due: inout ContiguousArray<LoopTimer>) {
        let target = TimerWheel.tick(now)
        while let (level, slot) = nextOccupied() {
            let start = startTick(level: level, slot: slot)
            guard start <= target else { break }
            elapsed = max(elapsed, start)
            let index = level * 64 + slot
            while let timer = slots[index] {
                unlink(timer)
                guard timer.wanted else { continue }
                let tick = TimerWheel.deadlineTick(timer.deadline)
                if tick <= elapsed { due.append(timer) } else { file(timer, at: tick) }
            }
        }
        elapsed = max(elapsed, target)
    }

    /// Forgets every timer, and gives those that are to fire at the loop's end to `due`.
    package mutating func takeAll(into due: inout ContiguousArray<LoopTimer>) {
        for index in slots.indices {
            while let timer = slots[index] {
                unlink(timer)
                if timer.wanted, timer.firesAtEnd { due.append(timer) }
            }
        }
    }

    // MARK: - Slots

    private mutating func file(_ timer: LoopTimer, at wantedTick: UInt64) {
        // The current tick has fired already: the nearest slot is the next one.
        let horizon: UInt64 = (1 << (TimerWheel.slotBits * UInt64(TimerWheel.levels))) - 1
        let tick = min(max(wantedTick, elapsed + 1), elapsed + horizon)
        let differing = (elapsed ^ tick) | 63
        let level = min((63 - differing.leadingZeroBitCount) / Int(TimerWheel.slotBits), TimerWheel.levels - 1)
        let slot = Int(tick >> (TimerWheel.slotBits * UInt64(level)) & 63)
        let index = level * 64 + slot
        timer.filedTick = tick
        timer.level = index
        timer.previous = nil
        timer.next = slots[index]
        timer.next?.previous = timer
        slots[index] = timer
        occupied[level] |= 1 << UInt64(slot)
        count += 1
    }

    private mutating func unlink(_ timer: LoopTimer) {
        let index = timer.level
        let next = timer.next
        next?.previous = timer.previous
        if let previous = timer.previous { previous.next = next } else { slots[index] = next }
        if slots[index] == nil { occupied[index / 64] &= ~(1 << UInt64(index % 64)) }
        timer.level = -1
        timer.next = nil
        timer.previous = nil
        count -= 1
    }

    /// The occupied slot that comes up first: lower levels come before higher ones.
    private func nextOccupied() -> (level: Int, slot: Int)? {
        for level in 0..<TimerWheel.levels where occupied[level] != 0 {
            let position = Int(elapsed >> (TimerWheel.slotBits * UInt64(level)) & 63)
            let wrapped = position == 0 ? 0 : occupied[level] << UInt64(64 - position)
            let rotated = occupied[level] >> UInt64(position) | wrapped
            return (level, (position + rotated.trailingZeroBitCount) % 64)
        }
        return nil
    }

    /// The first tick of a slot of `level`, at or after `elapsed`.
    private func startTick(level: Int, slot: Int) -> UInt64 {
        let shift = TimerWheel.slotBits * UInt64(level)
        let span: UInt64 = 1 << (shift + TimerWheel.slotBits)
        var start = (elapsed & ~(span - 1)) + UInt64(slot) << shift
        if start + (1 << shift) <= elapsed { start += span }
        return start
    }
}
