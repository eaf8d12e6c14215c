// Figures of reasoning parsers and Harmony: `swift run -c release AnswerBenchmark`. Prints MB/s and nanoseconds; sets no
// limits.
import SMGBase
import SMGJSON
import SMGParsers

measureReasoning()
measureHarmony()
measureRendering()
