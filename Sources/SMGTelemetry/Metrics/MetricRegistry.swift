package import SMGBase
internal import Synchronization

/// All metric families of one process part, the cells of its loops, and the text a scrape returns.
///
/// Registration, interning and removal take a lock and belong to start-up and to slow paths. Updates go through a
/// loop's `MetricCells`, or through the registry itself from threads that have none.
package final class MetricRegistry: Sendable {
    /// One generation per cell; only the first cell of a run counts.
    @usableFromInline let generations = MetricBlock<UInt32>(count: MetricLimits.cells)
    /// Cells for gauges that are set, and for updates from threads without cells of their own.
    let shared = MetricBlock<UInt64>(count: MetricLimits.cells)
    private let state: Mutex<State>
    private let clock: @Sendable () -> Instant

    struct State {
        var families: [FamilyState] = []
        var ids: [String: Int] = [:]
        var blocks: [MetricBlock<UInt64>] = []
        var allocator: CellAllocator
        var leaving = 0
    }

    /// `overflowName` names the counter (label `metric`) of series that were refused because their family was full;
    /// `clock` is only asked when series are removed or cells are used again, `cells` bounds all series together.
    package init(
        overflowName: String = "metric_series_overflow_total", cells: Int = MetricLimits.cells,
        clock: @escaping @Sendable () -> Instant = Instant.now
    ) {
        self.clock = clock
        let capacity = min(cells, MetricLimits.cells)
        state = Mutex(State(allocator: CellAllocator(reserved: SeriesSlot.sinkCells, capacity: capacity)))
        let id = register(
            overflowName, "Series refused because their metric family was full.", .counter, ["metric"],
            MetricLimits.seriesPerFamily)
        assert(id == Self.overflowFamily)
    }

    private static let overflowFamily = 0
    /// What every label of the series that stands for the refused ones says.
    package static let overflowLabel = "other"

    /// Cells for one more loop. Give them to that loop and to nobody else.
    package func makeCells() -> MetricCells {
        let block = MetricBlock<UInt64>(count: MetricLimits.cells)
        state.withLock { $0.blocks.append(block) }
        return MetricCells(registry: self, block: block)
    }
}

// MARK: - Families

extension MetricRegistry {
    /// A counter family; by convention its name ends in `_total`. Registering a name again returns the same family
    /// and must not change its shape: names are program text, so a clash stops the program.
    package func counter(
        _ name: String, help: String, labels: [String] = [], maxSeries: Int = MetricLimits.seriesPerFamily
    ) -> CounterFamily {
        CounterFamily(registry: self, id: register(name, help, .counter, labels, maxSeries))
    }

    /// A family of gauges that are set with `set`.
    package func gauge(
        _ name: String, help: String, labels: [String] = [], maxSeries: Int = MetricLimits.seriesPerFamily
    ) -> GaugeFamily {
        GaugeFamily(registry: self, id: register(name, help, .gauge, labels, maxSeries))
    }

    /// A family of gauges that go up and down by `add` on any loop. What was raised through a handle is lowered
    /// through the same handle, so a series that was removed meanwhile stays balanced.
    package func level(
        _ name: String, help: String, labels: [String] = [], maxSeries: Int = MetricLimits.seriesPerFamily
    ) -> LevelFamily {
        LevelFamily(registry: self, id: register(name, help, .level, labels, maxSeries))
    }

    /// A histogram family over ascending bucket bounds; see `BucketLayout` for ready-made ones.
    package func histogram(
        _ name: String, help: String, labels: [String] = [], buckets: [Double] = BucketLayout.durations,
        maxSeries: Int = MetricLimits.seriesPerFamily
    ) -> HistogramFamily {
        let id = register(name, help, .histogram(BucketLayout(buckets)), labels, maxSeries)
        // A family registered before keeps its own layout: handles must point at what lives as long as the registry.
        guard case .histogram(let layout) = state.withLock({ $0.families[id].descriptor.kind }) else {
            fatalError("kind changed")
        }
        return HistogramFamily(registry: self, id: id, layout: layout)
    }

    private func register(
        _ name: String, _ help: String, _ kind: MetricKind, _ labels: [String], _ maxSeries: Int
    ) -> Int {
        let descriptor = FamilyDescriptor(name: name, help: help, kind: kind, labels: labels, maxSeries: maxSeries)
        return state.withLock { state in
            if let id = state.ids[name] {
                let known = state.families[id].descriptor
                precondition(known.kind.matches(kind) && known.labels == labels, "metric registered with another shape")
                return id
            }
            state.families.append(FamilyState(descriptor: descriptor))
            state.ids[name] = state.families.count - 1
            return state.families.count - 1
        }
    }
}

// MARK: - Series

extension MetricRegistry {
    func intern(family id: Int, values: [String]) -> SeriesSlot {
        let (slot, refused) = state.withLock { intern($0.families[id].descriptor, id, values, &$0) }
        if let refused, id != Self.overflowFamily {
            add(CounterSeries(slot: intern(family: Self.overflowFamily, values: [refused])))
        }
        return slot
    }

    /// The slot for `values`, and the family's name when it was full.
    private func intern(
        _ descriptor: FamilyDescriptor, _ id: Int, _ values: [String], _ state: inout State
    ) -> (slot: SeriesSlot, refused: String?) {
        guard values.count == descriptor.labels.count else {
            assertionFailure("\(descriptor.name): label count")
            return (.sink, nil)
        }
        if let slot = place(values, in: id, limit: descriptor.maxSeries, &state) { return (slot, nil) }
        if releaseLeaving(in: id, &state), let slot = place(values, in: id, limit: descriptor.maxSeries, &state) {
            return (slot, nil)
        }
        let other = [String](repeating: Self.overflowLabel, count: values.count)
        return (place(other, in: id, limit: .max, &state) ?? .sink, descriptor.name)
    }

    /// Finds, revives or makes a series; nil when family or cells are full.
    private func place(_ values: [String], in id: Int, limit: Int, _ state: inout State) -> SeriesSlot? {
        let descriptor = state.families[id].descriptor
        let text = descriptor.text(of: values)
        let (index, found) = state.families[id].position(of: text)
        if found {
            let entry = state.families[id].entries[index]
            return entry.isLeaving ? revive(entry, at: index, in: id, &state) : entry.slot
        }
        guard state.families[id].entries.count < limit, let slot = takeSlot(descriptor.kind, &state) else { return nil }
        state.families[id].insert(SeriesEntry(values: values, text: text, slot: slot), at: index)
        return slot
    }

    /// A removed series that comes back before its last scrape. Counts go on; a level starts over in fresh cells,
    /// because what was raised through old handles will not be lowered.
    private func revive(_ entry: SeriesEntry, at index: Int, in id: Int, _ state: inout State) -> SeriesSlot? {
        let kind = state.families[id].descriptor.kind
        var slot = SeriesSlot(index: entry.slot.index, generation: generation(of: entry.slot.index))
        switch kind {
        case .counter, .histogram: break
        case .gauge, .level:
            guard let fresh = takeSlot(kind, &state) else { return nil }
            state.allocator.giveBack(Int(slot.index), count: kind.cellCount, now: clock())
            slot = fresh
        }
        state.families[id].replace(at: index, with: SeriesEntry(values: entry.values, text: entry.text, slot: slot))
        state.leaving -= 1
        return slot
    }

    private func takeSlot(_ kind: MetricKind, _ state: inout State) -> SeriesSlot? {
        guard let run = state.allocator.take(kind.cellCount, now: clock()) else { return nil }
        if run.isUsed {
            for cell in run.index..<run.index + kind.cellCount {
                for block in state.blocks { block.words[cell].store(0, ordering: .relaxed) }
                shared.words[cell].store(0, ordering: .relaxed)
            }
        }
        let index = UInt32(run.index)
        return SeriesSlot(index: index, generation: generation(of: index))
    }

    private func generation(of index: UInt32) -> UInt32 { generations.words[Int(index)].load(ordering: .relaxed) }
}

// MARK: - Removal

extension MetricRegistry {
    /// Removes the series of every family in which `label` has `value`.
    ///
    /// Handles to them stop working at once. The next scrape shows them one last time, gauges as 0 and counts with
    /// their final values; then they are gone.
    package func removeSeries(label: String, value: String) {
        state.withLock { state in
            for id in state.families.indices {
                guard let column = state.families[id].descriptor.labels.firstIndex(of: label) else { continue }
                leave(in: id, &state) { $0.values[column] == value }
            }
        }
    }

    func remove(family id: Int, values: [String]) {
        state.withLock { state in leave(in: id, &state) { $0.values == values } }
    }

    func remove(family id: Int, where isGone: ([String]) -> Bool) {
        state.withLock { state in leave(in: id, &state) { isGone($0.values) } }
    }

    private func leave(in id: Int, _ state: inout State, where isGone: (SeriesEntry) -> Bool) {
        for (index, entry) in state.families[id].entries.enumerated() where !entry.isLeaving && isGone(entry) {
            let cell = Int(entry.slot.index)
            generations.words[cell].store(entry.slot.generation &+ 1, ordering: .relaxed)
            let leaving = SeriesEntry(values: entry.values, text: entry.text, slot: entry.slot, isLeaving: true)
            state.families[id].replace(at: index, with: leaving)
            state.leaving += 1
        }
        guard state.leaving > MetricLimits.leavingSeries else { return }
        for id in state.families.indices { _ = releaseLeaving(in: id, &state) }
    }

    /// Drops the removed series of a family that nobody has scraped; whether there were any.
    private func releaseLeaving(in id: Int, _ state: inout State) -> Bool {
        release(in: id, &state) { $0.isLeaving }
    }

    /// Ends the series that a scrape has shown for the last time.
    func release(_ shown: [(family: Int, entry: SeriesEntry)]) {
        guard !shown.isEmpty else { return }
        let byFamily = Dictionary(grouping: shown, by: \.family)
        state.withLock { state in
            for (id, gone) in byFamily {
                let identities = Set(gone.map { ObjectIdentifier($0.entry) })
                _ = release(in: id, &state) { identities.contains(ObjectIdentifier($0)) }
            }
        }
    }

    private func release(in id: Int, _ state: inout State, where isGone: (SeriesEntry) -> Bool) -> Bool {
        let count = state.families[id].descriptor.kind.cellCount
        let gone = state.families[id].extract(where: isGone)
        for entry in gone { state.allocator.giveBack(Int(entry.slot.index), count: count, now: clock()) }
        state.leaving -= gone.count
        return !gone.isEmpty
    }

    /// What a scrape works on: the lists as they are now, and every block to sum over.
    func snapshot() -> (families: [FamilyState], blocks: [MetricBlock<UInt64>]) {
        state.withLock { ($0.families, $0.blocks + [shared]) }
    }
}
