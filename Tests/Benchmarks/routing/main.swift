// Figures of the routing room: `swift run -c release RoutingBenchmark`. Prints nanoseconds and bytes; sets no limits.
import SMGBase
import SMGRouting

let started = Instant.now()
measureSelections()
await measureThreads()
measureMatches()
measureNodes()
measureCap()
print("total", (Instant.now() - started).milliseconds, "ms")
