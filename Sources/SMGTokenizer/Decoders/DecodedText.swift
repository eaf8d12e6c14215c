internal import SMGBase

/// Steps over text that arrives in stretches (all tokens are one already).
enum DecodedText {
    /// Gives a stretch to step `i`, whose mode is `text`.
    static func feed(
        _ text: UnsafeRawBufferPointer, _ i: Int, _ chain: inout DecodeChain, _ states: inout [DecodeState]
    ) throws(TokenizerError) {
        if text.isEmpty { return }
        switch chain.steps[i] {
        case .metaspace(let replacement, let dropsFirst):
            let plain = TextEdit.replacing(replacement, in: text, with: dropsFirst ? [] : [0x20])
            try chain.feed(plain, i + 1, &states)
        case .replace(.text(let needle), let content):
            states[i].held.append(contentsOf: text)
            try replace(needle, with: content, i, &chain, &states)
        case .strip(let content, let start, let stop):
            try strip(text, content, start, stop, i, &chain, &states)
        default: try chain.feed(text, i + 1, &states)
        }
    }

    /// Ends step `i`, whose mode is `text`.
    static func finish(_ i: Int, _ chain: inout DecodeChain, _ states: inout [DecodeState]) throws(TokenizerError) {
        // What a replacement holds is the start of its text and nothing more; what a strip holds is stripped.
        if case .replace = chain.steps[i] { try chain.feed(states[i].held, i + 1, &states) }
    }

    /// Replaces in what is held; keeps an end that may be the start of `needle`.
    private static func replace(
        _ needle: [UInt8], with content: [UInt8], _ i: Int, _ chain: inout DecodeChain, _ states: inout [DecodeState]
    ) throws(TokenizerError) {
        var text: [UInt8] = []
        swap(&text, &states[i].held)
        var out: [UInt8] = []
        var at = 0
        try text.withBytes { text throws(TokenizerError) in
            while let hit = needle.withUnsafeBytes({ text.firstIndex(of: $0, from: at) }) {
                out += text[at..<hit]
                out += content
                guard out.count <= TokenizerLimits.textBytes else {
                    throw TokenizerError(.limit, "a decoded text has more than \(TokenizerLimits.textBytes) bytes")
                }
                at = hit + needle.count
            }
        }
        var kept = min(needle.count - 1, text.count - at)
        while kept > 0, !needle.starts(with: text[(text.count - kept)...]) { kept -= 1 }
        out += text[at..<(text.count - kept)]
        states[i].held = Array(text[(text.count - kept)...])
        try chain.feed(out, i + 1, &states)
    }

    /// Strips the start; holds an end that would be stripped if the text ended here.
    private static func strip(
        _ text: UnsafeRawBufferPointer, _ content: [UInt8], _ start: Int, _ stop: Int, _ i: Int,
        _ chain: inout DecodeChain, _ states: inout [DecodeState]
    ) throws(TokenizerError) {
        var rest = text
        while states[i].stripped < start {
            guard !rest.isEmpty else { return }
            guard !content.isEmpty, rest.starts(with: content) else {
                states[i].stripped = start
                break
            }
            states[i].stripped += 1
            rest = rest.slice(content.count..<rest.count)
        }
        if stop == 0 { return try chain.feed(rest, i + 1, &states) }
        let joined = states[i].held + rest
        try joined.withBytes { joined throws(TokenizerError) in
            let certain = TextEdit.stripped(joined, content, 0, stop)
            try chain.feed(certain, i + 1, &states)
            states[i].held = Array(joined[certain.count...])
        }
    }
}
