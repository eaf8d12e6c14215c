// The models of the tokenizer room for scripts to drive: ids of many texts for comparison with the reference libraries,
// and times. `ModelBenchmark` without arguments tells how.
import Glibc
import SMGBase

let arguments = CommandLine.arguments
let usage = """
    ModelBenchmark ids KIND MODEL TEXTS      writes the ids of every text
    ModelBenchmark text KIND MODEL IDS       writes the decoded text of every row of ids
    ModelBenchmark time KIND MODEL TEXTS N   prints nanoseconds of N rounds over the texts, the first one cold
    KIND: sentencepiece unigram unigram-words wordpiece wordlevel charsmap
    TEXTS, IDS and what is written: a 32-bit count, then that many bytes (ids: 32-bit numbers), again and again.
    """

do {
    guard arguments.count >= 5 else { throw BenchmarkError(usage) }
    let engine = try Engine(kind: arguments[2], file: readFile(arguments[3]))
    let rows = Rows(readFile(arguments[4]))
    switch arguments[1] {
    case "ids": try writeIDs(engine, rows)
    case "text": try writeTexts(engine, rows)
    case "time": try measure(engine, rows, rounds: arguments.count > 5 ? Int(arguments[5]) ?? 5 : 5)
    default: throw BenchmarkError(usage)
    }
} catch {
    var message = "\(error)\n"
    message.withUTF8 { bytes in _ = write(2, bytes.baseAddress, bytes.count) }
    exit(1)
}
