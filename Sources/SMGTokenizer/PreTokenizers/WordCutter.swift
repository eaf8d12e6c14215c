internal import SMGBase
internal import SMGUnicode

/// Cuts texts by kinds of characters. Every function reports the pieces as ranges, in ascending order.
enum WordCutter {
    /// Words and single punctuation characters, as BERT cuts.
    @inline(__always)
    static func bert(_ text: UnsafeRawBufferPointer, _ report: (Int, Int) -> Void) {
        var at = 0
        var start = 0
        while at < text.count {
            let decoded = Scalars.at(text, at)
            let end = at + decoded.length
            if WhiteSpace.contains(decoded.scalar) {
                report(start, at)
                start = end
            } else if ScalarKinds.isPunctuation(decoded.scalar) {
                report(start, at)
                report(at, end)
                start = end
            }
            at = end
        }
        report(start, at)
    }

    /// What stands between white space.
    @inline(__always)
    static func whitespaceSplit(_ text: UnsafeRawBufferPointer, _ report: (Int, Int) -> Void) {
        var at = 0
        var start = 0
        while at < text.count {
            let decoded = Scalars.at(text, at)
            let end = at + decoded.length
            if WhiteSpace.contains(decoded.scalar) {
                report(start, at)
                start = end
            }
            at = end
        }
        report(start, at)
    }

    /// Runs of word characters, and runs of what is neither that nor white space.
    @inline(__always)
    static func whitespace(_ text: UnsafeRawBufferPointer, _ report: (Int, Int) -> Void) {
        enum Kind { case space, word, other }
        var at = 0
        var start = 0
        var current = Kind.space
        while at < text.count {
            let decoded = Scalars.at(text, at)
            let kind: Kind =
                ScalarKinds.isWord(decoded.scalar)
                ? .word : WhiteSpace.contains(decoded.scalar) ? .space : .other
            if kind != current {
                if current != .space { report(start, at) }
                start = at
                current = kind
            }
            at += decoded.length
        }
        if current != .space { report(start, at) }
    }

    /// Cuts where the script changes. Characters of no script belong to what is before them; in front of the first
    /// script they are dropped, as the reference does.
    @inline(__always)
    static func scripts(_ text: UnsafeRawBufferPointer, _ report: (Int, Int) -> Void) {
        var last: UInt8?
        var start: Int?
        var at = 0
        while at < text.count {
            let decoded = Scalars.at(text, at)
            let script = ScalarKinds.script(decoded.scalar)
            if script != 0 {
                if last != script {
                    if let start { report(start, at) }
                    start = at
                }
                last = script
            }
            at += decoded.length
        }
        if let start { report(start, at) }
    }

    /// Pieces of `length` characters; the last may be shorter.
    @inline(__always)
    static func fixedLength(_ text: UnsafeRawBufferPointer, _ length: Int, _ report: (Int, Int) -> Void) {
        var at = 0
        var start = 0
        var characters = 0
        while at < text.count {
            at += Scalars.at(text, at).length
            characters += 1
            if characters == length {
                report(start, at)
                start = at
                characters = 0
            }
        }
        report(start, at)
    }
}
