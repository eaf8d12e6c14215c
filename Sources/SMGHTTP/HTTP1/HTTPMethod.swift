/// A request method. Methods the gateway never treats specially are `other`; their text stays in the head.
package enum HTTPMethod: UInt8, Sendable {
    case other, get, head, post, put, delete, connect, options, trace, patch

    /// Longest method accepted, in bytes: the longest registered one (UPDATEREDIRECTREF) has 17.
    package static let maxLength = 32

    /// The method spelled by `count` bytes at `base`. Methods are case-sensitive.
    @inline(__always)
    package static func recognise(_ base: UnsafeRawPointer, _ count: Int) -> HTTPMethod {
        switch count {
        case 3:
            if spelled(base, "GET") { return .get }
            if spelled(base, "PUT") { return .put }
        case 4:
            if spelled(base, "POST") { return .post }
            if spelled(base, "HEAD") { return .head }
        case 5:
            if spelled(base, "PATCH") { return .patch }
            if spelled(base, "TRACE") { return .trace }
        case 6: if spelled(base, "DELETE") { return .delete }
        case 7:
            if spelled(base, "OPTIONS") { return .options }
            if spelled(base, "CONNECT") { return .connect }
        default: break
        }
        return .other
    }

    /// The method as written on the wire; empty for `other`.
    package var text: StaticString {
        switch self {
        case .other: ""
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .delete: "DELETE"
        case .connect: "CONNECT"
        case .options: "OPTIONS"
        case .trace: "TRACE"
        case .patch: "PATCH"
        }
    }

    @inline(__always)
    private static func spelled(_ base: UnsafeRawPointer, _ text: StaticString) -> Bool {
        for i in 0..<text.utf8CodeUnitCount
        where base.load(fromByteOffset: i, as: UInt8.self) != text.utf8Start[i] { return false }
        return true
    }
}

/// The protocol versions the HTTP/1 codec speaks.
package enum HTTPVersion: UInt8, Comparable, Sendable {
    case http10, http11

    package static func < (a: HTTPVersion, b: HTTPVersion) -> Bool { a.rawValue < b.rawValue }
}
