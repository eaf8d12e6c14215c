internal import SMGBase
internal import SMGTokenizer

/// A tokenizer under measurement, of whichever format.
enum Subject {
    case full(Tokenizer)
    case ranked(RankedTokenizer)

    /// `name` is the path of a tokenizer.json or tekken.json, or `encoding:path` for a rank file, where encoding is one of
    /// tiktoken's, "llama" or "kimi".
    init(_ name: String) throws {
        guard let colon = name.firstIndex(of: ":") else {
            if name.contains("tekken") {
                let file = try LocalFiles.system.read(name, TokenizerLimits.fileBytes)
                self = .ranked(try RankedTokenizer(try file.withUnsafeBytes { try TekkenFile.read($0) }))
                return
            }
            self = .full(try Tokenizer.load(path: name))
            return
        }
        let path = String(name[name.index(after: colon)...])
        let file = try LocalFiles.system.read(path, TokenizerLimits.fileBytes)
        let ranks = try file.withUnsafeBytes { try RankFile.vocabulary($0) }
        let source: RankedSource
        switch name[..<colon] {
        case "kimi": source = RankedSource.kimi(ranks: ranks, named: [])
        case "llama":
            guard let llama = RankedSource.llama(ranks: ranks) else { fail("\(path) is no rank file of Llama") }
            source = llama
        default:
            guard let encoding = BuiltInEncoding(rawValue: String(name[..<colon])) else { fail("no encoding \(name)") }
            source = encoding.source(ranks: ranks)
        }
        self = .ranked(try RankedTokenizer(source))
    }

    func encode(_ text: UnsafeRawBufferPointer, _ ids: TokenBuffer) {
        do {
            switch self {
            case .full(let tokenizer): try tokenizer.encode(text, addSpecialTokens: false, into: ids)
            case .ranked(let tokenizer): try tokenizer.encode(text, allowing: .none, into: ids)
            }
        } catch {
            fail("\(error)")
        }
    }
}
