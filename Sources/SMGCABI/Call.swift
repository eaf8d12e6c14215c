internal import CLinux
internal import CSMG
internal import SMGBase
internal import SMGCore
internal import Synchronization

/// Where an error goes.
typealias ErrorOut = UnsafeMutablePointer<OpaquePointer?>?

/// The frame of every call that can fail.
enum Call {
    /// Runs `body` unless this is a forked child, and turns what it throws into a status and an error object.
    static func run(_ error: ErrorOut, _ body: () throws(Failure) -> Void) -> smg_status {
        runAnywhere(error) { () throws(Failure) in
            try Process.check()
            try body()
        }
    }

    /// The same for what needs no thread of a gateway, and so works in a forked child too.
    static func runAnywhere(_ error: ErrorOut, _ body: () throws(Failure) -> Void) -> smg_status {
        error?.pointee = nil
        do throws(Failure) {
            try body()
            return SMG_OK
        } catch let failure {
            error?.pointee = ErrorObject.pointer(failure)
            return failure.status
        }
    }

    /// The gateway behind a handle.
    static func gateway(_ handle: OpaquePointer?) throws(Failure) -> EmbeddedGateway {
        try Handles.object(handle, in: Handles.gateways, "gateway")
    }

    /// The running service behind a handle.
    static func service(_ handle: OpaquePointer?) throws(Failure) -> GatewayService {
        let gateway = try gateway(handle)
        do throws(EmbeddingError) { return try gateway.running() } catch { throw Failure(error) }
    }

    /// A handle for a new gateway, whose process this is from now on.
    static func handle(_ gateway: EmbeddedGateway) throws(Failure) -> OpaquePointer {
        Process.claim()
        return try Handles.handle(for: gateway, in: Handles.gateways, "gateways", limit: SMG_MAX_GATEWAYS)
    }

    /// Copies an array of C strings.
    static func strings(
        _ texts: UnsafePointer<UnsafePointer<CChar>?>?, _ count: Int, _ name: StaticString
    ) throws(Failure) -> [String] {
        // A size_t is a signed number in Swift.
        guard (0...maxStrings).contains(count) else { throw .argument("\(name) are more than \(maxStrings)") }
        guard count > 0 else { return [] }
        guard let texts else { throw .argument("\(name) is NULL") }
        var strings: [String] = []
        for index in 0..<count {
            guard let text = texts[index] else { throw .argument("\(name)[\(index)] is NULL") }
            guard let string = String(validatingCString: text) else {
                throw .argument("\(name)[\(index)] is not UTF-8")
            }
            strings.append(string)
        }
        return strings
    }

    /// Far above any command line, below any count that is a mistake.
    private static let maxStrings = 1 << 20

    /// Borrows the bytes of an argument.
    static func bytes(_ bytes: smg_bytes, _ name: StaticString) throws(Failure) -> UnsafeRawBufferPointer {
        guard bytes.len != 0 else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        // A size_t is a signed number in Swift.
        guard bytes.len > 0 else { throw .argument("\(name).len is larger than any memory") }
        guard let data = bytes.data else { throw .argument("\(name).data is NULL, but its len is not 0") }
        return UnsafeRawBufferPointer(start: data, count: bytes.len)
    }

    /// Milliseconds as a time; nil for −1. Beyond a century it is all the same, and cannot overflow.
    static func span(_ milliseconds: Int64, _ name: StaticString) throws(Failure) -> TimeSpan? {
        guard milliseconds >= 0 else {
            guard milliseconds == -1 else { throw .argument("\(name) is negative") }
            return nil
        }
        let century: Int64 = 100 * 366 * 86_400_000
        return .milliseconds(Int(min(milliseconds, century)))
    }
}

/// The process that made gateways: their threads are in it and in none of its children.
enum Process {
    /// 0 until the first gateway is made.
    private static let owner = Atomic<Int32>(0)

    static func check() throws(Failure) {
        if isForked {
            throw Failure(
                SMG_E_FORKED, "this process is a fork of the one that created gateways, and has none of its threads")
        }
    }

    static var isForked: Bool {
        let owner = owner.load(ordering: .relaxed)
        return owner != 0 && owner != getpid()
    }

    static func claim() { owner.store(getpid(), ordering: .relaxed) }
}
