import CLinux
import SMGBase
import SMGNet

@testable import SMGHTTP

/// A client that sends any bytes and reads what comes, blocking. Answers must come within ten seconds.
final class RawClient {
    enum Failure: Error { case connect(Int32), timeout, reset, ended, malformed(String) }

    private(set) var descriptor: Int32
    /// Received and not yet used.
    var received: [UInt8] = []
    private(set) var hasEnded = false
    private var tls: TLSSession?

    init(_ address: SocketAddress, receiveBuffer: Int32? = nil) throws {
        descriptor = socket(address.family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Failure.connect(clinux_errno()) }
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        if var receiveBuffer { setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, 4) }
        var one: Int32 = 1
        if !address.isUnix { setsockopt(descriptor, Int32(IPPROTO_TCP), Int32(TCP_NODELAY), &one, 4) }
        let code = address.withSockaddr { clinux_connect(descriptor, $0, $1) == 0 ? 0 : clinux_errno() }
        guard code == 0 else { throw Failure.connect(code) }
    }

    deinit { close() }

    func close() {
        guard descriptor >= 0 else { return }
        tls = nil
        _ = CLinux.close(descriptor)
        descriptor = -1
    }

    /// Ends with a reset.
    func reset() {
        var value = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &value, socklen_t(MemoryLayout<linger>.size))
        close()
    }

    func startTLS(_ context: TLSClientContext) throws -> String {
        let session = try context.makeSession(descriptor: descriptor, host: "localhost")
        guard case .done = session.handshake() else { throw Failure.malformed("handshake") }
        tls = session
        return session.negotiatedALPN ?? ""
    }

    // MARK: - Sending

    func send(_ text: String) throws { try send(Array(text.unicodeScalars.map { UInt8($0.value) })) }

    func send(_ bytes: some Sequence<UInt8>) throws {
        let all = Array(bytes)
        var sent = 0
        while sent < all.count {
            let count = all.withUnsafeBytes { all -> Int in
                let rest = UnsafeRawBufferPointer(rebasing: all[sent...])
                if let tls {
                    if case .done(let count) = tls.write(rest) { return count }
                    return -1
                }
                return CLinux.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw clinux_errno() == EAGAIN ? Failure.timeout : Failure.reset }
            sent += count
        }
    }

    /// Sends as much as the kernel takes at once; returns the number.
    func trySend(_ bytes: [UInt8]) -> Int {
        bytes.withUnsafeBytes { CLinux.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT)) }
    }

    func endSending() { _ = shutdown(descriptor, Int32(SHUT_WR)) }

    // MARK: - Receiving

    /// Reads once. False at the end.
    @discardableResult
    func read(atMost limit: Int = 65_536) throws -> Bool {
        if hasEnded { return false }
        var space = [UInt8](repeating: 0, count: limit)
        let count = space.withUnsafeMutableBytes { space -> Int in
            if let tls {
                switch tls.read(into: space) {
                case .done(let count): return count
                case .closed: return tls.peerClosedCleanly ? 0 : -1
                default: return -1
                }
            }
            return recv(descriptor, space.baseAddress, space.count, 0)
        }
        if count < 0 { throw clinux_errno() == EAGAIN ? Failure.timeout : Failure.reset }
        if count == 0 { hasEnded = true }
        received.append(contentsOf: space[..<count])
        return count > 0
    }

    /// Whether nothing has come, looking without waiting.
    var isQuiet: Bool {
        var byte: UInt8 = 0
        return received.isEmpty && recv(descriptor, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT)) < 0
            && clinux_errno() == EAGAIN
    }

    /// Everything until the end.
    func readToEnd() throws -> [UInt8] {
        while try read() {}
        defer { received = [] }
        return received
    }

    /// Whether the connection ended with nothing more.
    func endsHere() throws -> Bool { try readToEnd().isEmpty }

    /// Reads until `text` has come, and everything before it.
    func read(through text: String) throws -> String {
        let wanted = Array(text.utf8)
        while true {
            if let end = received.firstRange(of: wanted)?.upperBound {
                defer { received.removeFirst(end) }
                return String(decoding: received[..<end], as: UTF8.self)
            }
            guard try read() else { throw Failure.ended }
        }
    }

    struct Response: Equatable {
        var status = 0
        var fields: [String: String] = [:]
        var body: [UInt8] = []
        /// The body came to the end its framing announced.
        var isComplete = true
        var text: String { String(decoding: body, as: UTF8.self) }
    }

    /// Reads one answer. An end within the body is no error but makes it incomplete.
    func response(toHead: Bool = false) throws -> Response {
        var response = Response()
        let head = try read(through: "\r\n\r\n").split(separator: "\r\n")
        guard let line = head.first, line.hasPrefix("HTTP/1.1 "), let status = Int(line.split(separator: " ")[1]) else {
            throw Failure.malformed(String(describing: head.first))
        }
        response.status = status
        for line in head.dropFirst() {
            let colon = line.firstIndex(of: ":")!
            let name = line[..<colon].lowercased()
            guard response.fields[name] == nil else { throw Failure.malformed("two \(name)") }
            response.fields[name] = String(line[line.index(colon, offsetBy: 2)...])
        }
        if toHead || status == 204 || status == 304 || status < 200 { return response }
        do { try readBody(into: &response) } catch Failure.reset, Failure.ended {
            response.isComplete = false
            response.body += received
            received = []
        }
        return response
    }

    private func readBody(into response: inout Response) throws {
        if let length = response.fields["content-length"].flatMap({ Int($0) }) {
            response.isComplete = false
            while received.count < length, try read() {}
            response.isComplete = received.count >= length
            response.body = Array(received.prefix(length))
            received.removeFirst(min(length, received.count))
        } else if response.fields["transfer-encoding"] == "chunked" {
            response.isComplete = false
            while true {
                let line = try read(through: "\r\n").dropLast()  // CRLF is one character
                guard let size = Int(line, radix: 16) else { throw Failure.malformed("chunk '\(line)'") }
                while received.count < size + 2 { guard try read() else { throw Failure.ended } }
                guard Array(received[size..<size + 2]) == [13, 10] else { throw Failure.malformed("chunk end") }
                response.body += received[..<size]
                received.removeFirst(size + 2)
                if size == 0 { break }
            }
            response.isComplete = true
        } else {
            response.body = try readToEnd()
        }
    }

    /// Sends `request` and reads the answer.
    func exchange(_ request: String) throws -> Response {
        try send(request)
        return try response()
    }
}
