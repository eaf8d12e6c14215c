internal import SMGConfig

/// A worker that was asked for and has not answered yet, or never did.
package struct PendingWorker: Sendable {
    package let id: String
    package let spec: WorkerSpec
    package internal(set) var status: WorkerStatus
    /// Why it is not ready.
    package internal(set) var message: String
    /// Place in the order of arrival.
    fileprivate var number = 0

    init(id: String, spec: WorkerSpec) {
        self.id = id
        self.spec = spec
        status = .pending
        message = "waiting for its first answer"
    }
}

/// The pending workers, found by id and by URL in constant time.
struct PendingWorkers {
    private var byID: [String: PendingWorker] = [:]
    private var ids: [WorkerURL: String] = [:]
    private var announced = 0

    var count: Int { byID.count }

    /// In the order they came.
    var all: [PendingWorker] { byID.values.sorted { $0.number < $1.number } }

    func contains(_ url: WorkerURL) -> Bool { ids[url] != nil }

    /// The one with this id or URL.
    func find(_ key: String) -> PendingWorker? {
        if let found = byID[key] { return found }
        guard let url = try? WorkerURL(key), let id = ids[url] else { return nil }
        return byID[id]
    }

    mutating func insert(_ worker: PendingWorker) {
        announced += 1
        var worker = worker
        worker.number = announced
        byID[worker.id] = worker
        ids[worker.spec.url] = worker.id
    }

    /// False when there is none of that id.
    mutating func update(_ id: String, status: WorkerStatus, message: String) -> Bool {
        guard let index = byID.index(forKey: id) else { return false }
        byID.values[index].status = status
        byID.values[index].message = message
        return true
    }

    @discardableResult
    mutating func remove(_ id: String) -> PendingWorker? {
        guard let removed = byID.removeValue(forKey: id) else { return nil }
        ids[removed.spec.url] = nil
        return removed
    }
}
