internal import CLinux
internal import CSMG
internal import SMGCore
internal import Synchronization

/// The gateways by handle. A handle is the address of one byte in a reservation of this library: unique in the process,
/// never read, and recognised when it is stale.
final class HandleTable: @unchecked Sendable {
    // SAFETY (@unchecked Sendable): `names` does not change after `init`, and its bytes are never touched.

    static let gateways = HandleTable()

    private struct State {
        var gateways: [Int: EmbeddedGateway] = [:]
        /// Names go round, so that a destroyed handle's stays unused for as long as possible.
        var next = 0
    }

    private let names = UnsafeMutableRawPointer.allocate(byteCount: Int(SMG_HANDLE_NAMES), alignment: 16)
    private let state = Mutex(State())

    /// A handle for `gateway`; nil when there are too many.
    func insert(_ gateway: EmbeddedGateway) -> OpaquePointer? {
        state.withLock { state in
            guard state.gateways.count < Int(SMG_MAX_GATEWAYS) else { return nil }
            while state.gateways[state.next] != nil { state.next = (state.next + 1) % Int(SMG_HANDLE_NAMES) }
            let name = state.next
            state.next = (name + 1) % Int(SMG_HANDLE_NAMES)
            state.gateways[name] = gateway
            return OpaquePointer(names + name)
        }
    }

    /// The gateway of a handle that is alive.
    subscript(handle: OpaquePointer) -> EmbeddedGateway? {
        guard let name = name(handle) else { return nil }
        return state.withLock { $0.gateways[name] }
    }

    /// Ends a handle.
    func remove(_ handle: OpaquePointer) {
        guard let name = name(handle) else { return }
        // Ends outside the lock.
        let removed = state.withLock { $0.gateways.removeValue(forKey: name) }
        _ = removed
    }

    private func name(_ handle: OpaquePointer) -> Int? {
        let offset = UInt(bitPattern: handle) &- UInt(bitPattern: names)
        return offset < UInt(SMG_HANDLE_NAMES) ? Int(offset) : nil
    }
}
