package import SMGBase
internal import SMGJSON
internal import SMGNet
internal import SMGTemplate
package import SMGTokenizer
internal import Synchronization

/// Tokenizers for callers without a gateway: the C interface and the command line. Calls block.
package enum EmbeddedTokenizers {
    /// Below this many bytes for each thread, a batch is not spread.
    private static let bytesPerThread = 64 << 10
    private static let maximumThreads = 64

    /// The tokenizer of a model: a path, else from the Hugging Face hub or its cache.
    package static func fromPretrained(
        _ name: String, options: TokenizerOptions
    ) throws(TokenizerError) -> Tokenizer {
        try TokenizerLoader.load(name, options: options)
    }

    /// The ids of every text, by as many threads as pay.
    package static func encodeBatch(
        _ texts: [UnsafeRawBufferPointer], with tokenizer: Tokenizer, addSpecialTokens: Bool
    ) throws(TokenizerError) -> [[UInt32]] {
        let batch = Batch(texts, tokenizer, addSpecialTokens)
        let bytes = texts.reduce(0) { $0 + $1.count }
        let threads = min(bytes / bytesPerThread, EventLoopGroup.availableProcessors, texts.count, maximumThreads)
        if threads > 1 {
            let pool = BlockingPool(maxThreads: threads - 1)
            for _ in 1..<threads { try? pool.submit { refusal in if refusal == nil { batch.work() } } }
            batch.work()
            // Waits for the work that has begun.
            pool.shutdown()
        } else {
            batch.work()
        }
        var rows = try batch.rows()
        tokenizer.pad(&rows)
        return rows
    }

    /// Texts that threads take one after the other.
    private final class Batch: @unchecked Sendable {
        // SAFETY (@unchecked Sendable): the borrowed texts live until all threads are done; the rest is behind a lock.
        private let texts: [UnsafeRawBufferPointer]
        private let tokenizer: Tokenizer
        private let adds: Bool
        private let next = Atomic<Int>(0)
        private let results: Mutex<(rows: [[UInt32]], error: TokenizerError?)>

        init(_ texts: [UnsafeRawBufferPointer], _ tokenizer: Tokenizer, _ adds: Bool) {
            self.texts = texts
            self.tokenizer = tokenizer
            self.adds = adds
            results = Mutex((Array(repeating: [], count: texts.count), nil))
        }

        func work() {
            let ids = TokenBuffer(capacity: 1024)
            while true {
                let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard index < texts.count else { return }
                ids.removeAll()
                do throws(TokenizerError) {
                    try tokenizer.encode(texts[index], addSpecialTokens: adds, into: ids)
                    let row = ids.array
                    results.withLock { $0.rows[index] = row }
                } catch {
                    results.withLock { $0.error = $0.error ?? error }
                    return next.store(texts.count, ordering: .relaxed)
                }
            }
        }

        func rows() throws(TokenizerError) -> [[UInt32]] {
            let (rows, error) = results.withLock { $0 }
            if let error { throw error }
            return rows
        }
    }

    /// What a tokenizer is, for `smg_tokenizer_info`.
    package static func describe(_ tokenizer: Tokenizer) -> ByteBuffer {
        let document = ByteBuffer(capacity: 512)
        var writer = JSONWriter(document)
        writer.beginObject()
        writer.key("kind")
        writer.string(tokenizer.kind.rawValue)
        writer.key("vocab_size")
        writer.int(tokenizer.vocabularySize)
        writer.key("id_limit")
        writer.int(tokenizer.idLimit)
        writer.key("eos_ids")
        writer.beginArray()
        for id in tokenizer.eosIDs { writer.int(Int(id)) }
        writer.endArray()
        writer.key("chat_template")
        writer.bool(tokenizer.chatTemplates != nil)
        writer.key("content_format")
        if case .success(let templates) = tokenizer.chatTemplates,
            let template = try? templates.template(hasTools: false)
        {
            writer.string(template.contentFormat.rawValue)
        } else {
            writer.null()
        }
        let tokens = tokenizer.specialTokens
        let named: [(StaticString, SpecialTokens.Token?)] = [
            ("bos", tokens.bos), ("eos", tokens.eos), ("unk", tokens.unk), ("pad", tokens.pad), ("sep", tokens.sep),
            ("cls", tokens.cls), ("mask", tokens.mask),
        ]
        for (name, token) in named {
            writer.key(name)
            write(token, to: &writer)
        }
        writer.endObject()
        return document
    }

    private static func write(_ token: SpecialTokens.Token?, to writer: inout JSONWriter) {
        guard let token else { return writer.null() }
        writer.beginObject()
        writer.key("text")
        writer.string(token.text)
        writer.key("id")
        if let id = token.id { writer.int(Int(id)) } else { writer.null() }
        writer.endObject()
    }

    /// All tokens by their spelling.
    package static func vocabulary(_ tokenizer: Tokenizer) -> ByteBuffer {
        let document = ByteBuffer(capacity: 16 * tokenizer.idLimit)
        var writer = JSONWriter(document)
        writer.beginObject()
        tokenizer.forEachToken { id, spelling, _ in
            writer.key(utf8: spelling)
            writer.int(Int(id))
        }
        writer.endObject()
        return document
    }
}
