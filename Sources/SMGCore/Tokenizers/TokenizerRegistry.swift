internal import SMGBase
package import SMGTokenizer
internal import Synchronization

/// The tokenizers of a gateway, by name and by id. Loading one happens elsewhere; here it is noted what came of it.
package final class TokenizerRegistry: Sendable {
    /// Tokenizers at most: each holds tens of megabytes.
    package static let maximumCount = 256

    /// Where a tokenizer stands.
    package enum State: Sendable {
        case loading
        case ready(CachedTokenizer)
        /// It could not be loaded.
        case failed(TokenizerError)

        /// The word for it in answers.
        package var label: StaticString {
            switch self {
            case .loading: "processing"
            case .ready: "completed"
            case .failed: "failed"
            }
        }
    }

    /// One tokenizer.
    package struct Entry: Sendable {
        package let id: String
        package let name: String
        /// The path or model name it comes from.
        package let source: String
        package internal(set) var state = State.loading

        package var tokenizer: CachedTokenizer? {
            if case .ready(let tokenizer) = state { return tokenizer }
            return nil
        }
    }

    /// Why a name is not given to a new tokenizer.
    package enum Refusal: Error {
        /// This one has it.
        case exists(Entry)
        case tooMany
    }

    private struct Table {
        var byID: [String: Entry] = [:]
        var ids: [String: String] = [:]
        var random = FastRandom()
    }

    private let table = Mutex(Table())
    /// Moves with every change.
    private let generation = Atomic<UInt64>(0)

    package init() {}

    /// Moves whenever a tokenizer is added, ready, failed or removed.
    package var currentGeneration: UInt64 { generation.load(ordering: .acquiring) }

    /// All of them, by name.
    package var all: [Entry] { table.withLock { $0.byID.values.sorted { $0.name < $1.name } } }

    /// The one with this name or id.
    package func find(_ key: String) -> Entry? {
        table.withLock { table in table.byID[table.ids[key] ?? key] }
    }

    /// Notes that `source` is being loaded as `name`. One that failed gives way to a new attempt.
    package func announce(_ name: String, source: String) throws(Refusal) -> Entry {
        let result: Result<Entry, Refusal> = table.withLock { table in
            if let existing = table.ids[name].flatMap({ table.byID[$0] }) {
                guard case .failed = existing.state else { return .failure(.exists(existing)) }
                table.byID[existing.id] = nil
            }
            guard table.byID.count < Self.maximumCount else { return .failure(.tooMany) }
            let entry = Entry(id: Identifier.uuid(using: &table.random), name: name, source: source)
            table.byID[entry.id] = entry
            table.ids[name] = entry.id
            return .success(entry)
        }
        let entry = try result.get()
        generation.wrappingAdd(1, ordering: .releasing)
        return entry
    }

    /// Notes what became of loading `id`. False when it has been removed in the meantime.
    @discardableResult
    package func finish(_ id: String, _ result: Result<CachedTokenizer, TokenizerError>) -> Bool {
        let known = table.withLock { table in
            guard table.byID[id] != nil else { return false }
            switch result {
            case .success(let tokenizer): table.byID[id]?.state = .ready(tokenizer)
            case .failure(let error): table.byID[id]?.state = .failed(error)
            }
            return true
        }
        if known { generation.wrappingAdd(1, ordering: .releasing) }
        return known
    }

    /// Takes the one with this name or id out and returns it.
    package func remove(_ key: String) -> Entry? {
        let removed = table.withLock { table -> Entry? in
            guard let entry = table.byID.removeValue(forKey: table.ids[key] ?? key) else { return nil }
            if table.ids[entry.name] == entry.id { table.ids[entry.name] = nil }
            return entry
        }
        if removed != nil { generation.wrappingAdd(1, ordering: .releasing) }
        return removed
    }
}
