internal import SMGNet

/// The HTTP/1 connections of a loop that wait for their next request. O(1) in and out: swap-remove by remembered index.
struct IdleConnections {
    // SAFETY: a connection is in the list only while its own task waits inside `serve`, which keeps it alive.
    private var connections: ContiguousArray<Unmanaged<HTTP1ServerConnection>> = []

    var count: Int { connections.count }

    mutating func insert(_ connection: HTTP1ServerConnection) {
        connection.idleIndex = connections.count
        connections.append(.passUnretained(connection))
    }

    mutating func remove(_ connection: HTTP1ServerConnection) {
        let index = connection.idleIndex
        guard index >= 0 else { return }
        connection.idleIndex = -1
        let last = connections.removeLast()
        if index < connections.count {
            connections[index] = last
            last._withUnsafeGuaranteedRef { $0.idleIndex = index }
        }
    }

    /// Has every connection look once more at its socket: a request that lies there, even one the kernel has not
    /// reported yet, is served, the others end.
    func wakeAll() {
        for connection in connections { connection._withUnsafeGuaranteedRef { $0.stream.recheckReadable() } }
    }
}
