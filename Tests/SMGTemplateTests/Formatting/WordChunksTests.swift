import Testing

@testable import SMGTemplate

@Suite struct WordChunksTests {
    private static let wrapped = [
        Printed("{{ 'the quick brown fox'|wordwrap(8) }}", "the\nquick\nbrown\nfox"),
        Printed("{{ 'abcdefghij kl'|wordwrap(3) }}", "abc\ndef\nghi\nj\nkl"),
        Printed("{{ 'abcdefghij kl'|wordwrap(3, false) }}", "abcdefghij\nkl"),
        Printed("{{ 'well-known thing'|wordwrap(6) }}", "well-\nknown\nthing"),
        Printed("{{ 'well-known thing'|wordwrap(6, break_on_hyphens=false) }}", "well-k\nnown\nthing"),
        Printed("{{ 'ab-cd-efx-yab-cd'|wordwrap(3, true, '|') }}", "ab-|cd-|efx|-ya|b-|cd"),
        Printed("{{ 'word--dash -- a.--b'|wordwrap(5, true, '|') }}", "word|--|dash|-- a.|--b"),
        Printed("{{ 'x-y 1-2 ab-1c'|wordwrap(2, false, '|') }}", "x-y|1-2|ab-1c"),
        Printed("{{ ' x-y'|wordwrap(1, true, '|') }}", " |x|-|y"),
        Printed(#"{{ 'a\n\n b  c \nd'|wordwrap(3, true, '|') }}"#, "a|| b|c|d"),
        Printed("{{ '日本語 é-é日本'|wordwrap(2, true, '|') }}", "日本|語 |é-|é日|本"),
        Printed("{{ '  leading'|wordwrap(4, true, '|') }}", "  le|adin|g"),
        Printed("{{ 'trailing   '|wordwrap(9, true, '|') }}", "trailing"),
        Printed("{{ ''|wordwrap(3) }}", ""),
        Printed("{{ 'a b'|wordwrap(1, true, '') }}", "ab"),
        Printed("{{ '----------'|wordwrap(4, true, '|') }}", "----|----|--"),
    ]

    @Test(arguments: wrapped) func wrapsAsPythonDoes(_ row: Printed) throws {
        #expect(try rendered(row.source) == row.text)
    }

    @Test(arguments: [
        ("'a'|wordwrap(0)", TemplateError.Code.value), ("'a'|wordwrap(-1)", .value), ("'a'|wordwrap('x')", .type),
        ("1|wordwrap", .type), ("nothing|wordwrap", .undefined), ("'a'|wordwrap(1, wrapstring=1)", .type),
    ])
    func wrongArguments(_ row: (expression: String, code: TemplateError.Code)) {
        #expect(failureCode("{{ \(row.expression) }}") == row.code)
    }

    /// Nothing of a text is lost, and no chunk is empty.
    @Test func chunksMakeUpTheText() {
        for text in ["well-known -- a--b  \t-x", "", " ", "-", "---a", "é-日本--ü x", "a-b-c-de-fg"] {
            for hyphens in [false, true] {
                var text = text
                text.withUTF8 { bytes in
                    var chunks = WordChunks(UnsafeRawBufferPointer(bytes), hyphens: hyphens)
                    var end = 0
                    while let chunk = chunks.chunk {
                        #expect(chunk.range.lowerBound == end && !chunk.range.isEmpty && chunk.count > 0)
                        end = chunk.range.upperBound
                        chunks.advance()
                    }
                    #expect(end == bytes.count)
                }
            }
        }
    }
}
