/// Why an event stream cannot be read on. The raw value is the stable label.
package enum SSEError: String, Error, Sendable, CaseIterable {
    case lineTooLong = "sse_line_too_long"
    case eventTooLarge = "sse_event_too_large"

    /// Stable snake_case label.
    package var code: String { rawValue }
}
