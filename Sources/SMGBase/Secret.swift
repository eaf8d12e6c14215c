/// A key or token. Its description never shows the value, so it cannot reach a log, an error or a metric by accident.
package struct Secret: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The value itself: only for comparing and for writing to the peer that needs it.
    package let value: String

    package init(_ value: String) { self.value = value }

    package var description: String { "[redacted]" }
    package var debugDescription: String { "[redacted]" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
