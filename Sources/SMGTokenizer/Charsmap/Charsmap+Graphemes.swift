package import SMGBase
internal import SMGUnicode

/// The `Precompiled` normalizer of HF tokenizers, which reads the same rules in a way of its own: a grapheme cluster of
/// less than six bytes is tried as a whole, everything else character by character; of the rules that apply the one for
/// the shortest beginning counts, and replaces all of what was tried, not only that beginning.
extension Charsmap {
    /// Clusters of fewer bytes are tried as a whole.
    private static let wholeClusterBytes = 6

    /// Whether `normalize` would change nothing; may say false for a text that stays.
    package func leavesUnchanged(_ text: UnsafeRawBufferPointer) -> Bool {
        isPlain.withUnsafeBufferPointer { plain in
            for byte in text where byte >= 0x80 || !plain[Int(byte)] { return false }
            return true
        }
    }

    /// Appends `text`, which is valid UTF-8, as HF's `Precompiled` normalizer turns it.
    package func normalize(_ text: UnsafeRawBufferPointer, into output: ByteBuffer) {
        output.reserve(text.count)
        var at = 0
        while at < text.count {
            let end = plainEnd(text, at)
            if end > at {
                output.append(text.slice(at..<end))
                at = end
                continue
            }
            // What comes before is no part of the cluster that begins here, so a cursor may start anew.
            let rest = text.slice(at..<text.count)
            var cursor = GraphemeCursor(rest)
            while let cluster = cursor.next() {
                append(rest.slice(cluster), output)
                if plainEnd(rest, cursor.offset) > cursor.offset { break }
            }
            at += cursor.offset
        }
    }

    /// Where the run of bytes from `start` ends that no rule and no cluster concerns.
    @inline(__always)
    private func plainEnd(_ text: UnsafeRawBufferPointer, _ start: Int) -> Int {
        isPlain.withUnsafeBufferPointer { plain in
            var at = start
            while at < text.count, text[at] < 0x80, plain[Int(text[at])],
                at &+ 1 == text.count || text[at &+ 1] < 0x80
            {
                at &+= 1
            }
            return at
        }
    }

    private func append(_ cluster: UnsafeRawBufferPointer, _ output: ByteBuffer) {
        if cluster.count < Self.wholeClusterBytes, appendReplacement(of: cluster, output) { return }
        var at = 0
        while at < cluster.count {
            let end = at + min(UTF8Scan.length(cluster[at]), cluster.count - at)
            let character = cluster.slice(at..<end)
            // A cluster of one character was tried already, unless it was too long.
            if character.count == cluster.count || !appendReplacement(of: character, output) {
                output.append(character)
            }
            at = end
        }
    }

    /// Appends what `part` becomes; false when no rule says.
    @inline(__always)
    private func appendReplacement(of part: UnsafeRawBufferPointer, _ output: ByteBuffer) -> Bool {
        guard let match = shortest(part) else { return false }
        return withText(match.value) { replacement in
            guard let replacement else { return false }
            output.append(replacement)
            return true
        }
    }
}
