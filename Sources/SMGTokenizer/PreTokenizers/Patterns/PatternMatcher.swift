internal import CPCRE2
internal import SMGBase

/// One regular expression in the syntax of tokenizer.json (Oniguruma's Ruby syntax), compiled to machine code where the
/// processor allows. Immutable.
final class PatternMatcher: @unchecked Sendable {
    // SAFETY (@unchecked Sendable): compiled code is only read; what a match writes is in `PatternScratch`.

    private let code: OpaquePointer

    /// Compiles `pattern`. Errors: `unsupportedComponent` for syntax that has no translation, `malformed` for what is
    /// no expression.
    init(_ pattern: UnsafeRawBufferPointer) throws(TokenizerError) {
        var translator = PatternTranslator(pattern)
        let translated = try translator.translate()
        var fault: CInt = 0
        var offset = 0
        let compiled = translated.withUnsafeBufferPointer { text in
            pcre2_compile_8(
                text.baseAddress, text.count, PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE | PCRE2_NO_UTF_CHECK,
                &fault, &offset, nil)
        }
        guard let compiled else {
            throw TokenizerError(.malformed, "the pattern of \(pattern.count) bytes: \(Self.explanation(fault))")
        }
        code = compiled
        // Without machine code the expression is interpreted: slower, and equal otherwise.
        _ = pcre2_jit_compile_8(code, PCRE2_JIT_COMPLETE)
    }

    deinit { pcre2_code_free_8(code) }

    /// The first match at or after `from`, which is the offset of a character or the end. `text` is well-formed UTF-8.
    func firstMatch(
        in text: UnsafeRawBufferPointer, from: Int, _ scratch: PatternScratch
    ) throws(TokenizerError) -> Range<Int>? {
        // An empty text may have no address; nothing is read of it.
        let base = (text.baseAddress ?? UnsafeRawPointer(code)).assumingMemoryBound(to: UInt8.self)
        var result = pcre2_match_8(
            code, base, text.count, from, PCRE2_NO_UTF_CHECK, scratch.matchData, scratch.context)
        if result == PCRE2_ERROR_JIT_STACKLIMIT {
            // A group that repeats very often: the interpreter has more memory for it.
            result = pcre2_match_8(
                code, base, text.count, from, PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, scratch.matchData, scratch.context)
        }
        // 0: there are groups, for which there is no room, and no need.
        if result >= 0 {
            let ends = pcre2_get_ovector_pointer_8(scratch.matchData)!
            // `\K` in a look-ahead can turn the two around.
            return ends[0] <= ends[1] ? ends[0]..<ends[1] : ends[1]..<ends[1]
        }
        if result == PCRE2_ERROR_NOMATCH { return nil }
        throw TokenizerError(.limit, "a pattern needs too many steps for this text: \(Self.explanation(result))")
    }

    private static func explanation(_ code: CInt) -> String {
        var message = [UInt8](repeating: 0, count: 128)
        let count = pcre2_get_error_message_8(code, &message, message.count)
        return String(decoding: message.prefix(max(Int(count), 0)), as: UTF8.self)
    }
}
