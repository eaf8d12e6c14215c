import SMGBase
import Synchronization
import Testing

@testable import SMGTelemetry

/// A monotonic clock that moves when told to.
final class ManualClock: Sendable {
    private let time = Atomic<Int64>(0)

    func now() -> Instant { Instant(nanoseconds: time.load(ordering: .relaxed)) }
    func advance(_ span: TimeSpan) { time.add(span.nanoseconds, ordering: .relaxed) }
}

func scrape(_ registry: MetricRegistry) -> String {
    let out = ByteBuffer(capacity: 64)
    registry.writeText(to: out)
    return out.readableString
}

@Suite struct MetricRegistryTests {
    let registry = MetricRegistry()

    @Test func writesTheTextFormat() throws {
        let cells = registry.makeCells()
        let requests = registry.counter("requests_total", help: "Requests.", labels: ["route", "status"])
        let up = registry.gauge("up", help: "Whether it is up.")
        let open = registry.level("open", help: "Open connections.", labels: ["side"])
        let time = registry.histogram("time_seconds", help: "Time.", labels: ["route"], buckets: [0.005, 0.1, 1])
        cells.add(requests.series("/v1", "200"), 3)
        cells.add(requests.series("/v1", "500"))
        cells.add(requests.series("/", "200"))
        registry.set(up.series(), 0.5)
        cells.add(open.series("client"), 5)
        cells.add(open.series("client"), -7)
        let histogram = time.series("/v1")
        cells.observe(histogram, TimeSpan.milliseconds(5))
        cells.observe(histogram, TimeSpan.milliseconds(100))
        cells.observe(histogram, 0.25)
        cells.observe(histogram, 2)
        cells.observe(histogram, .nan)
        cells.observe(histogram, .infinity)
        let expected = """
            # HELP requests_total Requests.
            # TYPE requests_total counter
            requests_total{route="/",status="200"} 1
            requests_total{route="/v1",status="200"} 3
            requests_total{route="/v1",status="500"} 1
            # HELP up Whether it is up.
            # TYPE up gauge
            up 0.5
            # HELP open Open connections.
            # TYPE open gauge
            open{side="client"} -2
            # HELP time_seconds Time.
            # TYPE time_seconds histogram
            time_seconds_bucket{route="/v1",le="0.005"} 1
            time_seconds_bucket{route="/v1",le="0.1"} 2
            time_seconds_bucket{route="/v1",le="1"} 3
            time_seconds_bucket{route="/v1",le="+Inf"} 4
            time_seconds_sum{route="/v1"} 2.355
            time_seconds_count{route="/v1"} 4

            """
        #expect(scrape(registry) == expected)
        #expect(scrape(registry) == expected, "a scrape changes nothing")
        let parsed = try ParsedText(expected)
        #expect(parsed.samples.count == 11 && parsed.types["time_seconds"] == "histogram")
    }

    @Test func writesHistogramsWithoutLabels() throws {
        let series = registry.histogram("h", help: "H", buckets: [1, 2.5]).series()
        registry.observe(series, 2.5)
        registry.observe(series, TimeSpan.seconds(9))
        let parsed = try ParsedText(scrape(registry))
        #expect(parsed.value("h_bucket", ["le": "1"]) == 0)
        #expect(parsed.value("h_bucket", ["le": "2.5"]) == 1)
        #expect(parsed.value("h_bucket", ["le": "+Inf"]) == 2)
        #expect(parsed.value("h_sum") == 11.5 && parsed.value("h_count") == 2)
    }

    @Test func escapesLabelsAndHelp() throws {
        let nasty = "a\"b\\c\nd{},= ü\u{1F600}"
        let family = registry.counter("c_total", help: "one\\two\nthree \"four\"", labels: ["v"])
        registry.add(family.series(nasty), 2)
        let text = scrape(registry)
        #expect(text.contains("# HELP c_total one\\\\two\\nthree \"four\"\n"))
        #expect(text.contains("c_total{v=\"a\\\"b\\\\c\\nd{},= ü\u{1F600}\"} 2\n"))
        #expect(try ParsedText(text).value("c_total", ["v": nasty]) == 2)
    }

    @Test func cutsLongLabelValuesAtACharacter() throws {
        let family = registry.counter("c_total", help: "C", labels: ["v"])
        let long = String(repeating: "x", count: MetricLimits.labelValueBytes - 1) + "ü and more"
        registry.add(family.series(long))
        registry.add(family.series(long + "!"))
        let samples = try ParsedText(scrape(registry)).samples
        #expect(samples.count == 1 && samples[0].value == 2)
        #expect(samples[0].labels["v"] == String(repeating: "x", count: MetricLimits.labelValueBytes - 1))
    }

    @Test(
        arguments: [
            (0.0, "0"), (-0.0, "0"), (1, "1"), (-3, "-3"), (0.001, "0.001"), (2.5, "2.5"), (1e15, "1000000000000000"),
            (1e300, "1e+300"), (1e-7, "1e-07"), (.nan, "NaN"), (.infinity, "+Inf"), (-.infinity, "-Inf"),
        ] as [(Double, String)])
    func writesNumbers(value: Double, text: String) {
        let out = ByteBuffer(capacity: 16)
        MetricNumber.append(value, to: out)
        #expect(out.readableString == text)
    }

    @Test func registersAFamilyOnce() {
        let first = registry.counter("c_total", help: "C", labels: ["a"])
        let second = registry.counter("c_total", help: "C", labels: ["a"])
        #expect(first.id == second.id && first.series("x") == second.series("x"))
        let bounds = registry.histogram("h", help: "H", buckets: [1, 2])
        let again = registry.histogram("h", help: "H", buckets: [1, 2])
        #expect(bounds.layout === again.layout)
    }

    @Test(
        arguments: [
            ("a", true), ("_a1", true), ("A:b", true), ("", false), ("1a", false), ("a-b", false), ("ä", false),
            ("a b", false),
        ])
    func checksNames(name: String, valid: Bool) {
        #expect(MetricName.isValid(name, colons: true) == valid)
        #expect(!MetricName.isValid("__" + name, colons: false))
    }

    @Test func sumsOverThreadsThatOwnTheirCells() async throws {
        let family = registry.counter("c_total", help: "C", labels: ["k"])
        let histogram = registry.histogram("h", help: "H", buckets: [1, 2, 3]).series()
        let level = registry.level("l", help: "L").series()
        let rounds: UInt64 = 20_000
        await withTaskGroup { group in
            for thread in 0..<8 {
                group.addTask { [registry] in
                    let cells = registry.makeCells()
                    for round in 0..<rounds {
                        if round % 1000 == 0 { _ = scrape(registry) }
                        cells.add(family.series("\(round % 3)"))
                        cells.observe(histogram, Double(round % 4) + 0.5)
                        cells.add(level, 2)
                        cells.add(level, -1)
                        registry.add(family.series("shared"))
                        if thread == 0 { registry.observe(histogram, 0.5) }
                    }
                }
            }
        }
        #expect((0..<3).reduce(0) { $0 + registry.value(family.series("\($1)")) } == 8 * rounds)
        #expect(registry.value(family.series("shared")) == 8 * rounds)
        #expect(registry.value(level) == Int(8 * rounds))
        let value = registry.value(histogram)
        #expect(value.counts == [3 * rounds, 2 * rounds, 2 * rounds, 2 * rounds])
        #expect(value.sum == Double(8 * rounds) * 2 + Double(rounds) * 0.5)
    }

    @Test func quantilesInterpolate() {
        let series = registry.histogram("h", help: "H", buckets: [1, 2, 4]).series()
        #expect(registry.value(series).quantile(0.5) == nil)
        for value in [0.5, 1.5, 1.5, 3] { registry.observe(series, value) }
        let snapshot = registry.value(series)
        #expect(snapshot.quantile(0) == 0 && snapshot.quantile(0.25) == 1)
        #expect(snapshot.quantile(0.5) == 1.5 && snapshot.quantile(1) == 4)
        registry.observe(series, 100)
        #expect(registry.value(series).quantile(1) == 4 && snapshot.quantile(1.1) == nil)
    }
}

@Suite struct BucketTests {
    @Test(arguments: [1, 2, 3, 4, 7, 8, 20, 24, 31, 32, 62])
    func findsTheSameBucketAsAPlainSearch(count: Int) {
        let layout = BucketLayout((0..<count).map { Double($0) * 0.5 - 1 })
        let series = HistogramSeries(slot: .sink, layout: layout)
        var probes: [Double] = [-1e300, 1e300, 0, -0.0]
        for bound in layout.bounds { probes += [bound, bound.nextUp, bound.nextDown] }
        for probe in probes {
            #expect(series.bucket(probe) == layout.bounds.count { $0 < probe })
        }
    }

    @Test func readyMadeLayoutsAreValid() {
        for bounds in [
            BucketLayout.durations, BucketLayout.longDurations, BucketLayout.shortDurations, BucketLayout.sizes,
        ] {
            #expect(BucketLayout(bounds).cellCount <= SeriesSlot.sinkCells)
        }
        #expect(BucketLayout.longDurations.last == 3600 && BucketLayout.durations.count == 20)
    }
}
