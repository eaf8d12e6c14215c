internal import CLinux
internal import CSMG
internal import SMGCore
internal import Synchronization

/// Objects of one kind by handle. A handle is the address of one byte in a reservation of this library: unique in the
/// process, never read, and recognised when it is stale or of another kind.
final class HandleTable<Object: AnyObject & Sendable>: @unchecked Sendable {
    // SAFETY (@unchecked Sendable): `names` does not change after `init`, and its bytes are never touched.

    private struct State {
        var objects: [Int: Object] = [:]
        /// Names go round, so that a destroyed handle's stays unused for as long as possible.
        var next = 0
    }

    private let names = UnsafeMutableRawPointer.allocate(byteCount: Int(SMG_HANDLE_NAMES), alignment: 16)
    private let limit: Int
    private let state = Mutex(State())

    /// A table for at most `limit` objects at a time, below `SMG_HANDLE_NAMES`.
    init(limit: Int32) { self.limit = Int(limit) }

    /// A handle for `object`; nil when there are too many.
    func insert(_ object: Object) -> OpaquePointer? {
        state.withLock { state in
            guard state.objects.count < limit else { return nil }
            while state.objects[state.next] != nil { state.next = (state.next + 1) % Int(SMG_HANDLE_NAMES) }
            let name = state.next
            state.next = (name + 1) % Int(SMG_HANDLE_NAMES)
            state.objects[name] = object
            return OpaquePointer(names + name)
        }
    }

    /// The object of a handle that is alive.
    subscript(handle: OpaquePointer) -> Object? {
        guard let name = name(handle) else { return nil }
        return state.withLock { $0.objects[name] }
    }

    /// Ends a handle.
    func remove(_ handle: OpaquePointer) {
        guard let name = name(handle) else { return }
        // Ends outside the lock.
        let removed = state.withLock { $0.objects.removeValue(forKey: name) }
        _ = removed
    }

    private func name(_ handle: OpaquePointer) -> Int? {
        let offset = UInt(bitPattern: handle) &- UInt(bitPattern: names)
        return offset < UInt(SMG_HANDLE_NAMES) ? Int(offset) : nil
    }
}

/// The tables of all kinds.
enum Handles {
    static let gateways = HandleTable<EmbeddedGateway>(limit: SMG_MAX_GATEWAYS)
    static let tokenizers = HandleTable<TokenizerHandle>(limit: SMG_MAX_TOKENIZERS)
    static let decoders = HandleTable<DecoderHandle>(limit: SMG_MAX_STREAMS)
    static let parsers = HandleTable<ParserHandle>(limit: SMG_MAX_STREAMS)

    /// The object behind `handle`, which the caller called `name`.
    static func object<Object>(
        _ handle: OpaquePointer?, in table: HandleTable<Object>, _ name: StaticString
    ) throws(Failure) -> Object {
        guard let handle else { throw .argument("\(name) is NULL") }
        if let object = table[handle] { return object }
        throw .argument("\(name) is not a handle of this library, or has been destroyed")
    }

    /// A handle for a new object.
    static func handle<Object>(
        for object: Object, in table: HandleTable<Object>, _ kind: String, limit: Int32
    ) throws(Failure) -> OpaquePointer {
        if let handle = table.insert(object) { return handle }
        throw Failure(SMG_E_LIMIT, "a process has at most \(limit) \(kind)", name: "too_many_\(kind)")
    }
}
