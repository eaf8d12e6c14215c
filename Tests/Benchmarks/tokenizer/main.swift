// Encodes texts with one tokenizer over and over, for bench.py, which reads what is printed here.
//
//   TokenizerBenchmark encode TOKENIZER TEXTS ROUNDS
//       TOKENIZER   a tokenizer.json, tekken.json or, as encoding:path, a rank file
//       TEXTS       a file of texts: each a little-endian UInt32 for its length, and its bytes
//       prints JSON: seconds of every round (the first has an empty cache), bytes and ids of one
//   TokenizerBenchmark ids TOKENIZER TEXTS
//       writes the ids of every text: their number and the ids as UInt32
//   TokenizerBenchmark load TOKENIZER ROUNDS
//       prints JSON: seconds of every load, memory in bytes that the first tokenizer takes
//   TokenizerBenchmark decode TOKENIZER TEXTS ROUNDS
//       decodes the ids of the texts one by one, as they stream; prints JSON: seconds of every round and ids of one

internal import CLinux
internal import SMGBase
internal import SMGTokenizer

func fail(_ message: String) -> Never {
    writeAll(Array("TokenizerBenchmark: \(message)\n".utf8), to: 2)
    exit(2)
}

func writeAll(_ bytes: [UInt8], to file: CInt) {
    var at = 0
    while at < bytes.count {
        let put = bytes.withUnsafeBytes { write(file, $0.baseAddress! + at, bytes.count - at) }
        guard put > 0 else { exit(1) }
        at += put
    }
}

/// Texts as the driver wrote them.
func texts(_ file: [UInt8]) -> [Range<Int>] {
    var found: [Range<Int>] = []
    var at = 0
    while at + 4 <= file.count {
        let count = (0..<4).reduce(0) { $0 | Int(file[at + $1]) << (8 * $1) }
        found.append(at + 4..<at + 4 + count)
        at += 4 + count
    }
    return found
}

func encode(_ subject: Subject, _ path: String, rounds: Int) throws {
    let file = try LocalFiles.system.read(path, 1 << 30)
    let ranges = texts(file)
    let ids = TokenBuffer()
    var seconds: [Double] = []
    var count = 0
    file.withUnsafeBytes { bytes in
        for _ in 0..<rounds {
            count = 0
            let start = Instant.now()
            for range in ranges {
                ids.removeAll()
                subject.encode(bytes.slice(range), ids)
                count += ids.count
            }
            seconds.append(Double((Instant.now() - start).nanoseconds) / 1e9)
        }
    }
    let size = ranges.reduce(0) { $0 + $1.count }
    print("{\"seconds\": \(seconds), \"bytes\": \(size), \"ids\": \(count)}")
}

func writeIDs(_ subject: Subject, _ path: String) throws {
    let file = try LocalFiles.system.read(path, 1 << 30)
    let ids = TokenBuffer()
    var out: [UInt8] = []
    file.withUnsafeBytes { bytes in
        for range in texts(file) {
            ids.removeAll()
            subject.encode(bytes.slice(range), ids)
            withUnsafeBytes(of: UInt32(ids.count)) { out += $0 }
            out += UnsafeRawBufferPointer(ids.ids)
        }
    }
    writeAll(out, to: 1)
}

/// Bytes of memory this process has.
func residentBytes() -> Int {
    guard let text = try? LocalFiles.system.read("/proc/self/statm", 4096) else { return 0 }
    let fields = String(decoding: text, as: UTF8.self).split(separator: " ")
    return fields.count > 1 ? (Int(fields[1]) ?? 0) * 4096 : 0
}

func load(_ name: String, rounds: Int) throws {
    var seconds: [Double] = []
    var kept: [Subject] = []
    var memory = 0
    for round in 0..<rounds {
        let before = residentBytes()
        let start = Instant.now()
        let subject = try Subject(name)
        seconds.append(Double((Instant.now() - start).nanoseconds) / 1e9)
        if round == 0 { memory = residentBytes() - before }
        kept = [subject]
    }
    print("{\"seconds\": \(seconds), \"memory\": \(memory), \"kept\": \(kept.count)}")
}

func decode(_ subject: Subject, _ path: String, rounds: Int) throws {
    guard case .full(let tokenizer) = subject else { fail("decode wants a tokenizer.json") }
    let file = try LocalFiles.system.read(path, 1 << 30)
    let ids = TokenBuffer()
    file.withUnsafeBytes { bytes in
        for range in texts(file) { subject.encode(bytes.slice(range), ids) }
    }
    let text = ByteBuffer(capacity: 1 << 16)
    var seconds: [Double] = []
    for _ in 0..<rounds {
        var stream = TokenDecoder.Stream(skipSpecialTokens: true)
        let start = Instant.now()
        for id in ids.ids {
            try tokenizer.decoder.step(id, &stream, into: text)
            text.clear()
        }
        seconds.append(Double((Instant.now() - start).nanoseconds) / 1e9)
    }
    print("{\"seconds\": \(seconds), \"ids\": \(ids.count)}")
}

let arguments = CommandLine.arguments
do {
    if arguments.count == 5, arguments[1] == "encode", let rounds = Int(arguments[4]) {
        try encode(Subject(arguments[2]), arguments[3], rounds: rounds)
    } else if arguments.count == 5, arguments[1] == "decode", let rounds = Int(arguments[4]) {
        try decode(Subject(arguments[2]), arguments[3], rounds: rounds)
    } else if arguments.count == 4, arguments[1] == "ids" {
        try writeIDs(Subject(arguments[2]), arguments[3])
    } else if arguments.count == 4, arguments[1] == "load", let rounds = Int(arguments[3]) {
        try load(arguments[2], rounds: rounds)
    } else {
        fail("usage: encode | decode TOKENIZER TEXTS ROUNDS | ids TOKENIZER TEXTS | load TOKENIZER ROUNDS")
    }
} catch {
    fail("\(error)")
}
