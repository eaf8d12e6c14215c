import SMGBase
import Testing

@testable import SMGTelemetry

/// Bounds, removal and reuse of series.
@Suite struct SeriesLifeTests {
    let clock = ManualClock()
    let registry: MetricRegistry
    let cells: MetricCells

    init() {
        let clock = clock
        registry = MetricRegistry(overflowName: "overflow_total", clock: clock.now)
        cells = registry.makeCells()
    }

    @Test func aFullFamilyCountsUnderOther() throws {
        let family = registry.counter("c_total", help: "C", labels: ["a", "b"], maxSeries: 3)
        for name in ["x", "y", "z", "u", "v"] { cells.add(family.series(name, "1")) }
        cells.add(family.series("x", "1"))
        let text = try ParsedText(scrape(registry))
        #expect(text.value("c_total", ["a": "x", "b": "1"]) == 2)
        #expect(text.value("c_total", ["a": "other", "b": "other"]) == 2)
        #expect(text.value("c_total", ["a": "u", "b": "1"]) == nil)
        #expect(text.value("overflow_total", ["metric": "c_total"]) == 2)
    }

    @Test func runningOutOfCellsLosesUpdatesAndNothingElse() throws {
        let small = MetricRegistry(overflowName: "overflow_total", cells: SeriesSlot.sinkCells + 3)
        let cells = small.makeCells()
        let family = small.counter("c_total", help: "C", labels: ["a"])
        let histogram = small.histogram("h", help: "H", buckets: [1]).series()
        cells.observe(histogram, 1)
        for name in ["x", "y", "z"] { cells.add(family.series(name)) }
        #expect(small.value(histogram).count == 1)
        let gone = small.histogram("h2", help: "H", buckets: (0..<MetricLimits.buckets).map(Double.init)).series()
        cells.observe(gone, 1e9)
        #expect(gone.slot == .sink)
        #expect(try ParsedText(scrape(small)).types.keys.sorted() == ["h"])
    }

    @Test func removedSeriesAreShownOnceMoreAndDropped() throws {
        let health = registry.gauge("health", help: "H", labels: ["worker"])
        let load = registry.level("load", help: "L", labels: ["worker"])
        let done = registry.counter("done_total", help: "D", labels: ["policy", "worker"])
        let time = registry.histogram("time", help: "T", labels: ["worker"], buckets: [1])
        for worker in ["a", "b"] {
            registry.set(health.series(worker), 1)
            cells.add(load.series(worker), 4)
            cells.add(done.series("p", worker), 7)
            cells.observe(time.series(worker), 1)
        }
        let stale = done.series("p", "a")
        registry.removeSeries(label: "worker", value: "a")
        cells.add(stale, 100)
        #expect(registry.value(stale) == 0 && registry.value(health.series("b")) == 1)
        let last = try ParsedText(scrape(registry))
        #expect(last.value("health", ["worker": "a"]) == 0 && last.value("load", ["worker": "a"]) == 0)
        #expect(last.value("done_total", ["policy": "p", "worker": "a"]) == 7)
        #expect(last.value("time_count", ["worker": "a"]) == 1)
        let after = try ParsedText(scrape(registry))
        #expect(after.samples.allSatisfy { $0.labels["worker"] != "a" })
        #expect(after.value("health", ["worker": "b"]) == 1 && after.value("load", ["worker": "b"]) == 4)
    }

    @Test func removesOneSeries() throws {
        let done = registry.counter("done_total", help: "D", labels: ["a", "b"])
        cells.add(done.series("1", "2"))
        cells.add(done.series("1", "3"))
        done.remove("1", "2")
        done.remove("no", "such")
        _ = scrape(registry)
        let text = try ParsedText(scrape(registry))
        #expect(text.samples.count == 1 && text.value("done_total", ["a": "1", "b": "3"]) == 1)
    }

    @Test func aSeriesThatComesBackBeforeItsLastScrapeGoesOn() throws {
        let done = registry.counter("done_total", help: "D", labels: ["worker"])
        let load = registry.level("load", help: "L", labels: ["worker"])
        let health = registry.gauge("health", help: "H", labels: ["worker"])
        let oldDone = done.series("a")
        let oldLoad = load.series("a")
        cells.add(oldDone, 5)
        cells.add(oldLoad, 3)
        registry.set(health.series("a"), 1)
        registry.removeSeries(label: "worker", value: "a")
        cells.add(done.series("a"))
        cells.add(load.series("a"), 1)
        cells.add(oldDone, 100)
        cells.add(oldLoad, -3)
        _ = health.series("a")
        let text = try ParsedText(scrape(registry))
        #expect(text.value("done_total", ["worker": "a"]) == 6)
        #expect(text.value("load", ["worker": "a"]) == 1)
        #expect(text.value("health", ["worker": "a"]) == 0)
        #expect(try ParsedText(scrape(registry)).samples == text.samples)
    }

    @Test func cellsAreUsedAgainAfterTheDelayAndStartAtZero() {
        let family = registry.counter("c_total", help: "C", labels: ["worker"])
        let old = family.series("a")
        cells.add(old, 9)
        registry.add(old, 9)
        registry.removeSeries(label: "worker", value: "a")
        _ = scrape(registry)
        #expect(family.series("b").slot.index != old.slot.index)
        clock.advance(.seconds(MetricLimits.reuseDelaySeconds))
        let new = family.series("c")
        #expect(new.slot.index == old.slot.index && new != old)
        cells.add(old, 50)
        cells.add(new, 2)
        #expect(registry.value(new) == 2 && registry.value(old) == 0)
    }

    @Test func churnWithoutScrapesStaysBounded() throws {
        let family = registry.counter("c_total", help: "C", labels: ["worker"], maxSeries: 8)
        for round in 0..<(2 * MetricLimits.leavingSeries) {
            cells.add(family.series("\(round)"))
            registry.removeSeries(label: "worker", value: "\(round)")
            clock.advance(.seconds(MetricLimits.reuseDelaySeconds / 10))
        }
        let highest = family.series("last").slot.index
        #expect(Int(highest) < SeriesSlot.sinkCells + 64)
        #expect(try ParsedText(scrape(registry)).value("overflow_total", ["metric": "c_total"]) == nil)
    }

    @Test func theLoopCacheFindsTheSameSeries() {
        let family = registry.counter("c_total", help: "C", labels: ["method", "path", "status"])
        let cache = SeriesCache(cells: cells, seed: 7)
        for _ in 0..<3 {
            Array("/v1/chat".utf8).withUnsafeBytes { path in
                let series = cache.series(family) {
                    $0.add("GET")
                    $0.add(path)
                    $0.add(200)
                }
                cells.add(series)
            }
        }
        let same = cache.series(family) {
            $0.add("GET" as String)
            $0.add("/v1/chat" as String)
            $0.add("200")
        }
        #expect(same == family.series("GET", "/v1/chat", "200") && registry.value(same) == 3)
        let shifted = cache.series(family) {
            $0.add("GE")
            $0.add("T/v1/chat")
            $0.add(200)
        }
        #expect(shifted != same)
    }

    @Test func theLoopCacheForgetsRemovedSeriesAndStaysBounded() {
        let family = registry.counter("c_total", help: "C", labels: ["worker"])
        let other = registry.counter("d_total", help: "D", labels: ["worker"])
        let cache = SeriesCache(cells: cells, capacity: 5, seed: 7)
        let old = cache.series(family) { $0.add("a") }
        #expect(cache.series(other) { $0.add("a") }.slot != old.slot)
        registry.removeSeries(label: "worker", value: "a")
        _ = scrape(registry)
        let new = cache.series(family) { $0.add("a") }
        #expect(new != old && cells.isLive(new.slot) && !cells.isLive(old.slot))
        for number in 0..<100 {
            #expect(cache.series(family) { $0.add(number) } == family.series("\(number)"))
            #expect(cache.series(family) { $0.add("a") } == new)
        }
    }

    @Test func theLoopCacheRepairsAndCutsBytes() throws {
        let family = registry.counter("c_total", help: "C", labels: ["v"])
        let cache = SeriesCache(cells: cells, seed: 1)
        let bad: [UInt8] = [0x61, 0xff, 0x62]
        bad.withUnsafeBytes { bytes in cells.add(cache.series(family) { $0.add(bytes) }) }
        let long = [UInt8](repeating: 0x78, count: 100_000)
        long.withUnsafeBytes { bytes in cells.add(cache.series(family) { $0.add(bytes) }) }
        let text = try ParsedText(scrape(registry))
        #expect(text.value("c_total", ["v": "a\u{FFFD}b"]) == 1)
        #expect(text.value("c_total", ["v": String(repeating: "x", count: MetricLimits.labelValueBytes)]) == 1)
    }
}
