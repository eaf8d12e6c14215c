internal import CLinux

/// What epoll said about a file descriptor.
package struct IOEvents: OptionSet, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let readable = IOEvents(rawValue: 0x001)
    package static let writable = IOEvents(rawValue: 0x004)
    package static let failed = IOEvents(rawValue: 0x008)
    package static let hungUp = IOEvents(rawValue: 0x010)
    /// The peer ended its sending direction (FIN).
    package static let peerFinished = IOEvents(rawValue: 0x2000)
    /// Report changes, not levels.
    package static let edge = IOEvents(rawValue: 1 << 31)
}

/// One file descriptor watched by one loop. Subclasses say what readiness means.
///
/// Belongs to its loop: created, called and closed on the loop's thread.
package class IOSource {
    package let loop: EventLoop
    package private(set) var descriptor: Int32
    /// Place in the loop's source table while registered.
    private var slot: Int = -1

    /// What the kernel gives back with each event of this source.
    var token: UInt64 { loop.sources.token(slot) }

    package init(loop: EventLoop, descriptor: Int32) {
        self.loop = loop
        self.descriptor = descriptor
    }

    deinit {
        assert(slot < 0, "a registered source is kept alive by its loop")
        if descriptor >= 0 { close(descriptor) }
    }

    /// Called on the loop whenever the kernel reports something.
    package func ready(_ events: IOEvents) {}

    /// Starts watching. Edge-triggered unless said otherwise.
    package func startWatching(_ events: IOEvents) throws(NetError) {
        assert(loop.isOnLoop && slot < 0)
        slot = loop.sources.insert(self)
        let token = loop.sources.token(slot)
        if clinux_epoll_ctl(loop.epoll, EPOLL_CTL_ADD, descriptor, events.rawValue, token) != 0 {
            let code = clinux_errno()
            loop.sources.remove(slot)
            slot = -1
            throw .system(.epoll, code)
        }
    }

    /// Stops watching and closes the descriptor. Safe to call twice.
    package func closeDescriptor() {
        guard descriptor >= 0 else { return }
        if slot >= 0 {
            loop.sources.remove(slot)
            slot = -1
        }
        close(descriptor)  // the kernel removes a closed descriptor from the epoll set by itself
        descriptor = -1
    }

    /// Stops watching and hands the open descriptor to the caller.
    package func releaseDescriptor() -> Int32 {
        let released = descriptor
        if slot >= 0 {
            _ = clinux_epoll_ctl(loop.epoll, EPOLL_CTL_DEL, descriptor, 0, 0)
            loop.sources.remove(slot)
            slot = -1
        }
        descriptor = -1
        return released
    }
}

/// The sources of one loop by slot. A token carries the slot's generation, so an event that the kernel had already
/// queued for a source closed in the same turn finds nothing.
struct SourceTable {
    private var sources: ContiguousArray<IOSource?> = []
    private var generations: ContiguousArray<UInt32> = []
    private var free: ContiguousArray<Int> = []

    var count: Int { sources.count - free.count }

    mutating func insert(_ source: IOSource) -> Int {
        if let slot = free.popLast() {
            sources[slot] = source
            return slot
        }
        sources.append(source)
        generations.append(0)
        return sources.count - 1
    }

    mutating func remove(_ slot: Int) {
        sources[slot] = nil
        generations[slot] &+= 1
        free.append(slot)
    }

    func token(_ slot: Int) -> UInt64 { UInt64(generations[slot]) << 32 | UInt64(slot) }

    func source(for token: UInt64) -> IOSource? {
        let slot = Int(token & 0xffff_ffff)
        guard slot < sources.count, generations[slot] == UInt32(token >> 32) else { return nil }
        return sources[slot]
    }

    /// Every live source, for shutdown.
    var all: [IOSource] { sources.compactMap { $0 } }
}
