internal import CSMG
internal import SMGCore

/// What stands behind an `smg_error *`. Immutable; its strings live as long as it does.
final class ErrorObject: Sendable {
    let status: smg_status
    let isRetryable: Bool
    let name: CText
    let message: CText
    let detail: CText

    init(_ failure: Failure) {
        status = failure.status
        isRetryable = failure.isRetryable
        name = CText(failure.name)
        message = CText(failure.message)
        detail = CText(ErrorObject.document(failure))
    }

    private static func document(_ failure: Failure) -> String {
        let common: [(key: String, value: ErrorDetail.Value)] = [
            ("status", .number(Int(failure.status))), ("name", .text(failure.name)),
        ]
        return ErrorDetail.document(common + failure.details)
    }

    /// The pointer given to the caller, who owns the object from then on.
    static func pointer(_ failure: Failure) -> OpaquePointer {
        OpaquePointer(Unmanaged.passRetained(ErrorObject(failure)).toOpaque())
    }

    /// SAFETY: the caller's contract: a pointer made by `pointer`, not destroyed yet.
    static func at(_ pointer: OpaquePointer) -> Unmanaged<ErrorObject> {
        Unmanaged.fromOpaque(UnsafeRawPointer(pointer))
    }
}

/// A C string that belongs to the library. NULs in the text, which would end it early, become U+FFFD.
final class CText: @unchecked Sendable {
    // SAFETY (@unchecked Sendable): never written after `init`.
    let bytes: UnsafePointer<CChar>

    init(_ text: String) {
        let clean = text.utf8.contains(0) ? String(text.map { $0 == "\0" ? "\u{fffd}" : $0 }) : text
        let count = clean.utf8.count
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: count + 1)
        for (index, byte) in clean.utf8.enumerated() { copy[index] = CChar(bitPattern: byte) }
        copy[count] = 0
        bytes = UnsafePointer(copy)
    }

    deinit { bytes.deallocate() }
}
