public import CSMG
internal import SMGBase
internal import SMGCore
internal import SMGJSON
internal import SMGTokenizer

// Tokenizers: convert, call, convert.

/// A tokenizer behind a handle.
final class TokenizerHandle: Sendable {
    let tokenizer: Tokenizer
    init(_ tokenizer: Tokenizer) { self.tokenizer = tokenizer }
}

extension Call {
    /// The tokenizer behind a handle.
    static func tokenizer(_ handle: OpaquePointer?) throws(Failure) -> Tokenizer {
        try Handles.object(handle, in: Handles.tokenizers, "tokenizer").tokenizer
    }

    /// What `work` says, its error in the words of `smg.h`.
    static func tokenizing<T>(_ work: () throws(TokenizerError) -> T) throws(Failure) -> T {
        do throws(TokenizerError) { return try work() } catch { throw Failure(error) }
    }

    /// Makes a handle for the tokenizer that `make` loads.
    fileprivate static func create(
        _ error: ErrorOut, _ tokenizer: UnsafeMutablePointer<OpaquePointer?>?,
        _ make: () throws(Failure) -> Tokenizer
    ) -> smg_status {
        tokenizer?.pointee = nil
        return runAnywhere(error) { () throws(Failure) in
            guard let tokenizer else { throw .argument("tokenizer is NULL") }
            tokenizer.pointee = try Handles.handle(
                for: TokenizerHandle(try make()), in: Handles.tokenizers, "tokenizers", limit: SMG_MAX_TOKENIZERS)
        }
    }

    fileprivate static func tokenizerOptions(_ bytes: smg_bytes) throws(Failure) -> TokenizerOptions {
        var options = TokenizerOptions()
        options.chatTemplate = try CallOptions(bytes, "options_json", known: ["chat_template"]).text("chat_template")
        return options
    }
}

extension Failure {
    init(_ error: TokenizerError) {
        let status =
            switch error.code {
            case .sourceNotFound, .downloadFailed: SMG_E_TOKENIZER_SOURCE
            case .unknownFormat, .malformed, .unsupportedComponent: SMG_E_TOKENIZER_FORMAT
            case .limit: SMG_E_LIMIT
            case .unknownToken: SMG_E_TOKEN_UNKNOWN
            case .noChatTemplate, .chatTemplate: SMG_E_TEMPLATE
            case .cannotEncode, .busy: SMG_E_TOKENIZER
            }
        self.init(status, error.message, name: error.code.rawValue)
    }
}

// MARK: - Making one

@c @implementation
public func smg_tokenizer_create_from_file(
    _ path: smg_bytes, _ options_json: smg_bytes, _ tokenizer: UnsafeMutablePointer<OpaquePointer?>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> smg_status {
    Call.create(error, tokenizer) { () throws(Failure) in
        let path = try Call.text(path, "path")
        let options = try Call.tokenizerOptions(options_json)
        return try Call.tokenizing { () throws(TokenizerError) in try Tokenizer.load(path: path, options: options) }
    }
}

@c @implementation
public func smg_tokenizer_create_from_bytes(
    _ bytes: smg_bytes, _ options_json: smg_bytes, _ tokenizer: UnsafeMutablePointer<OpaquePointer?>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> smg_status {
    Call.create(error, tokenizer) { () throws(Failure) in
        let bytes = try Call.bytes(bytes, "bytes")
        let options = try Call.tokenizerOptions(options_json)
        return try Call.tokenizing { () throws(TokenizerError) in try Tokenizer.load(bytes: bytes, options: options) }
    }
}

@c @implementation
public func smg_tokenizer_create_from_pretrained(
    _ name: smg_bytes, _ options_json: smg_bytes, _ tokenizer: UnsafeMutablePointer<OpaquePointer?>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> smg_status {
    Call.create(error, tokenizer) { () throws(Failure) in
        let name = try Call.text(name, "name")
        let options = try Call.tokenizerOptions(options_json)
        return try Call.tokenizing { () throws(TokenizerError) in
            try EmbeddedTokenizers.fromPretrained(name, options: options)
        }
    }
}

@c @implementation
public func smg_tokenizer_create_from_tiktoken(
    _ path: smg_bytes, _ pattern: smg_bytes, _ special_tokens_json: smg_bytes,
    _ tokenizer: UnsafeMutablePointer<OpaquePointer?>!, _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> smg_status {
    Call.create(error, tokenizer) { () throws(Failure) in
        let path = try Call.text(path, "path")
        let pattern = try Call.text(pattern, "pattern")
        let specials = try specialTokens(special_tokens_json)
        return try Call.tokenizing { () throws(TokenizerError) in
            try EmbeddedTokenizers.fromTiktoken(path: path, pattern: pattern, specialTokens: specials)
        }
    }
}

/// The special tokens of a call; nil for no bytes.
private func specialTokens(_ bytes: smg_bytes) throws(Failure) -> [(String, UInt32)]? {
    let bytes = try Call.bytes(bytes, "special_tokens_json")
    guard bytes.count > 0 else { return nil }
    let root: JSONSlice
    do throws(JSONError) { root = try JSONSlice(parsing: bytes) } catch {
        throw .argument("special_tokens_json is not valid JSON: \(error.message)")
    }
    guard root.kind == .object else { throw .argument("special_tokens_json is not a JSON object") }
    var tokens: [(String, UInt32)] = []
    for (key, value) in root.members {
        guard let number = value.int64, let id = UInt32(exactly: number) else {
            throw .argument("the value of '\(key.string)' in special_tokens_json is no id")
        }
        tokens.append((key.string, id))
    }
    return tokens
}

@c @implementation
public func smg_tokenizer_destroy(_ tokenizer: OpaquePointer!) {
    if let tokenizer { Handles.tokenizers.remove(tokenizer) }
}

// MARK: - Encoding

@c @implementation
public func smg_tokenizer_encode(
    _ tokenizer: OpaquePointer!, _ text: smg_bytes, _ flags: Int32, _ tokens: UnsafeMutablePointer<smg_tokens>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> smg_status {
    tokens?.pointee = smg_tokens()
    return Call.runAnywhere(error) { () throws(Failure) in
        guard let tokens else { throw .argument("tokens is NULL") }
        let tokenizer = try Call.tokenizer(tokenizer)
        let adds = try Call.flag(flags, SMG_ADD_SPECIAL_TOKENS)
        let text = try Call.bytes(text, "text")
        let ids = TokenBuffer(capacity: text.count / 3 + 16)
        try Call.tokenizing { () throws(TokenizerError) in
            try tokenizer.encode(text, addSpecialTokens: adds, into: ids)
        }
        try Call.give(ids.ids, to: tokens)
    }
}

@c @implementation
public func smg_tokenizer_encode_batch(
    _ tokenizer: OpaquePointer!, _ texts: UnsafePointer<smg_bytes>!, _ count: Int, _ flags: Int32,
    _ tokens: UnsafeMutablePointer<smg_tokens>!, _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> smg_status {
    if let tokens, count > 0 { tokens.update(repeating: smg_tokens(), count: count) }
    return Call.runAnywhere(error) { () throws(Failure) in
        let tokenizer = try Call.tokenizer(tokenizer)
        let adds = try Call.flag(flags, SMG_ADD_SPECIAL_TOKENS)
        guard count >= 0 else { throw .argument("count is larger than any memory") }
        guard count > 0 else { return }
        guard let texts, let tokens else { throw .argument("texts or tokens is NULL, but count is not 0") }
        var borrowed: [UnsafeRawBufferPointer] = []
        for index in 0..<count { borrowed.append(try Call.bytes(texts[index], "texts")) }
        let rows = try Call.tokenizing { () throws(TokenizerError) in
            try EmbeddedTokenizers.encodeBatch(borrowed, with: tokenizer, addSpecialTokens: adds)
        }
        for (index, row) in rows.enumerated() {
            do throws(Failure) {
                let given: Result<Void, Failure> = row.withUnsafeBufferPointer { ids in
                    do throws(Failure) { return .success(try Call.give(ids, to: tokens + index)) } catch {
                        return .failure(error)
                    }
                }
                try given.get()
            } catch {
                for made in 0..<count { smg_tokens_destroy(tokens + made) }
                throw error
            }
        }
    }
}

@c @implementation
public func smg_tokenizer_count_tokens(
    _ tokenizer: OpaquePointer!, _ text: smg_bytes, _ flags: Int32, _ count: UnsafeMutablePointer<Int>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> smg_status {
    Call.runAnywhere(error) { () throws(Failure) in
        guard let count else { throw .argument("count is NULL") }
        let tokenizer = try Call.tokenizer(tokenizer)
        let adds = try Call.flag(flags, SMG_ADD_SPECIAL_TOKENS)
        let text = try Call.bytes(text, "text")
        count.pointee = try Call.tokenizing { () throws(TokenizerError) in
            try tokenizer.countTokens(text, addSpecialTokens: adds)
        }
    }
}

// MARK: - Decoding and the vocabulary

@c @implementation
public func smg_tokenizer_decode(
    _ tokenizer: OpaquePointer!, _ ids: UnsafePointer<UInt32>!, _ count: Int, _ flags: Int32,
    _ text: UnsafeMutablePointer<smg_buffer>!, _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> smg_status {
    text?.pointee = smg_buffer()
    return Call.runAnywhere(error) { () throws(Failure) in
        guard let text else { throw .argument("text is NULL") }
        let tokenizer = try Call.tokenizer(tokenizer)
        let skips = try Call.flag(flags, SMG_SKIP_SPECIAL_TOKENS)
        let ids = try Call.ids(ids, count)
        let decoded = ByteBuffer(capacity: ids.count * 5 + 16)
        try Call.tokenizing { () throws(TokenizerError) in
            try tokenizer.decode(ids, skipSpecialTokens: skips, into: decoded)
        }
        try Call.give(decoded, to: text)
    }
}

@c @implementation
public func smg_tokenizer_token_to_id(
    _ tokenizer: OpaquePointer!, _ token: smg_bytes, _ id: UnsafeMutablePointer<UInt32>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> smg_status {
    Call.runAnywhere(error) { () throws(Failure) in
        guard let id else { throw .argument("id is NULL") }
        guard let found = try Call.tokenizer(tokenizer).id(of: try Call.text(token, "token")) else {
            throw Failure(SMG_E_TOKEN_UNKNOWN, "the vocabulary has no such token")
        }
        id.pointee = found
    }
}

@c @implementation
public func smg_tokenizer_id_to_token(
    _ tokenizer: OpaquePointer!, _ id: UInt32, _ token: UnsafeMutablePointer<smg_buffer>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> smg_status {
    token?.pointee = smg_buffer()
    return Call.runAnywhere(error) { () throws(Failure) in
        guard let token else { throw .argument("token is NULL") }
        guard let spelling = try Call.tokenizer(tokenizer).token(id) else {
            throw Failure(SMG_E_TOKEN_UNKNOWN, "the vocabulary has no token \(id)")
        }
        try Call.give(ByteBuffer(spelling.utf8), to: token)
    }
}

@c @implementation
public func smg_tokenizer_info(
    _ tokenizer: OpaquePointer!, _ info: UnsafeMutablePointer<smg_buffer>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> smg_status {
    describe(tokenizer, info, "info", error, EmbeddedTokenizers.describe)
}

@c @implementation
public func smg_tokenizer_vocabulary(
    _ tokenizer: OpaquePointer!, _ vocabulary: UnsafeMutablePointer<smg_buffer>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> smg_status {
    describe(tokenizer, vocabulary, "vocabulary", error, EmbeddedTokenizers.vocabulary)
}

private func describe(
    _ tokenizer: OpaquePointer?, _ buffer: UnsafeMutablePointer<smg_buffer>?, _ name: StaticString, _ error: ErrorOut,
    _ write: (Tokenizer) -> ByteBuffer
) -> smg_status {
    buffer?.pointee = smg_buffer()
    return Call.runAnywhere(error) { () throws(Failure) in
        guard let buffer else { throw .argument("\(name) is NULL") }
        try Call.give(write(try Call.tokenizer(tokenizer)), to: buffer)
    }
}

// MARK: - Chat templates

@c @implementation
public func smg_tokenizer_apply_chat_template(
    _ tokenizer: OpaquePointer!, _ request_json: smg_bytes, _ prompt: UnsafeMutablePointer<smg_buffer>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> smg_status {
    prompt?.pointee = smg_buffer()
    return Call.runAnywhere(error) { () throws(Failure) in
        guard let prompt else { throw .argument("prompt is NULL") }
        let tokenizer = try Call.tokenizer(tokenizer)
        let bytes = try Call.bytes(request_json, "request_json")
        let request: JSONSlice
        do throws(JSONError) { request = try JSONSlice(parsing: bytes) } catch {
            throw .argument("request_json is not valid JSON: \(error.message)")
        }
        let rendered = try Call.tokenizing { () throws(TokenizerError) in
            try ChatRequest(request).render(with: tokenizer)
        }
        try Call.give(rendered, to: prompt)
    }
}
