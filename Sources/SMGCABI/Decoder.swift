public import CSMG
internal import SMGBase
internal import SMGTokenizer
internal import Synchronization

// Ids to text while they come: convert, call, convert.

/// One sequence being decoded.
final class DecoderHandle: @unchecked Sendable {
    // SAFETY (@unchecked Sendable): everything that changes is used with `lock` held.
    private let lock = Mutex(())
    private let tokens: TokenDecoder
    private let rules: StopRules
    private var decoder: StopDecoder

    init(_ tokens: TokenDecoder, _ rules: StopRules, skipSpecialTokens: Bool) {
        self.tokens = tokens
        self.rules = rules
        decoder = StopDecoder(skipSpecialTokens: skipSpecialTokens)
    }

    /// Appends the text of the next ids, or with nil of the end. Whether a stop has come.
    func take(_ ids: UnsafeBufferPointer<UInt32>?, into text: ByteBuffer) throws(Failure) -> Bool {
        let result: Result<Bool, TokenizerError> = lock.withLock { _ in
            do throws(TokenizerError) {
                if let ids { return .success(try decoder.step(ids, tokens, rules, into: text).progress == .stopped) }
                try decoder.finish(tokens, rules, into: text)
                decoder.reset()
                return .success(false)
            } catch { return .failure(error) }
        }
        do throws(TokenizerError) { return try result.get() } catch { throw Failure(error) }
    }
}

@c @implementation
public func smg_decoder_create(
    _ tokenizer: OpaquePointer!, _ options_json: smg_bytes, _ decoder: UnsafeMutablePointer<OpaquePointer?>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> smg_status {
    decoder?.pointee = nil
    return Call.runAnywhere(error) { () throws(Failure) in
        guard let decoder else { throw .argument("decoder is NULL") }
        let tokenizer = try Call.tokenizer(tokenizer)
        let options = try CallOptions(
            options_json, "options_json",
            known: ["skip_special_tokens", "stop", "stop_token_ids", "no_stop_trim", "ignore_eos"])
        let isVisible = try options.bool("no_stop_trim", default: false)
        let texts = try options.texts("stop")
        let ids = try options.ids("stop_token_ids")
        let eos = try options.bool("ignore_eos", default: false) ? [] : tokenizer.eosIDs.filter { !ids.contains($0) }
        let skips = try options.bool("skip_special_tokens", default: true)
        let rules = try Call.tokenizing { () throws(TokenizerError) in
            try StopRules(
                hiddenTokens: isVisible ? [] : ids, visibleTokens: isVisible ? ids : [],
                hiddenStrings: isVisible ? [] : texts, visibleStrings: isVisible ? texts : [], eosIDs: eos)
        }
        let made = DecoderHandle(tokenizer.decoder, rules, skipSpecialTokens: skips)
        decoder.pointee = try Handles.handle(for: made, in: Handles.decoders, "decoders", limit: SMG_MAX_STREAMS)
    }
}

@c @implementation
public func smg_decoder_step(
    _ decoder: OpaquePointer!, _ ids: UnsafePointer<UInt32>!, _ count: Int, _ text: UnsafeMutablePointer<smg_buffer>!,
    _ stopped: UnsafeMutablePointer<Int32>!, _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> smg_status {
    text?.pointee = smg_buffer()
    return Call.runAnywhere(error) { () throws(Failure) in
        guard let text else { throw .argument("text is NULL") }
        let decoder = try Handles.object(decoder, in: Handles.decoders, "decoder")
        let piece = ByteBuffer(capacity: 64)
        let isStopped = try decoder.take(try Call.ids(ids, count), into: piece)
        try Call.give(piece, to: text)
        stopped?.pointee = isStopped ? 1 : 0
    }
}

@c @implementation
public func smg_decoder_finish(
    _ decoder: OpaquePointer!, _ text: UnsafeMutablePointer<smg_buffer>!,
    _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> smg_status {
    text?.pointee = smg_buffer()
    return Call.runAnywhere(error) { () throws(Failure) in
        guard let text else { throw .argument("text is NULL") }
        let decoder = try Handles.object(decoder, in: Handles.decoders, "decoder")
        let piece = ByteBuffer(capacity: 64)
        _ = try decoder.take(nil, into: piece)
        try Call.give(piece, to: text)
    }
}

@c @implementation
public func smg_decoder_destroy(_ decoder: OpaquePointer!) {
    if let decoder { Handles.decoders.remove(decoder) }
}
