/// The bounds of the template engine. Templates come with models and messages from strangers: both are hostile.
package enum TemplateLimits {
    /// Bytes of a template's source. The largest real ones have about 30 KiB.
    package static let maximumSourceBytes = 1 << 20

    /// Brackets and blocks open at once while parsing. Real templates stay below 20; Jinja itself gives up near 80.
    package static let maximumNesting = 96

    /// Height of one expression's tree, which long chains of operators build too. Real templates stay below 60.
    package static let maximumExpressionHeight = 200

    /// Work of one rendering: nodes evaluated, items iterated, and every `bytesPerStep` bytes of text touched. About a
    /// second at worst; a conversation of 100,000 messages needs a twentieth of it.
    package static let maximumSteps = 20_000_000

    /// Text handled at the price of one step.
    static let bytesPerStep = 64

    /// The same for text whose characters are looked up in Unicode's tables one by one.
    static let characterBytesPerStep = 4

    /// What reading or writing one number costs that is more than decimal digits of an integer.
    static let stepsPerNumber = 8

    /// Variables of a block that get their start values at the price of one step.
    static let variablesPerStep = 16

    /// Bytes of one rendering's output, what macros and blocks capture included. Far above any model's context.
    package static let maximumOutputBytes = 64 << 20

    /// Bytes of all values one rendering makes. Nothing is freed before its end.
    package static let maximumValueBytes = 256 << 20

    /// Levels of the evaluator's recursion through macros and recursive loops, each call counted with the height of
    /// its body. A level takes at most a few hundred bytes of stack.
    package static let maximumDepth = 1200

    /// Calls of macros and recursive loops within each other. Jinja gives up near 200.
    package static let maximumCallDepth = 160

    /// Containers within each other that are compared, printed or written as JSON.
    package static let maximumValueDepth = 600

    /// Digits of an integer in the input, as in Python.
    package static let maximumDigits = 4300

    /// Items of a `range`, as in Jinja's sandbox.
    package static let maximumRange = 100_000

    /// Characters a format's width, precision or `indent` may ask for.
    package static let maximumPadding = 1 << 20

    /// Parameters of a call, positional and named. Python's own bound was 255 for long.
    package static let maximumArguments = 255
}
