import CLinux
import SMGBase
import Testing

@testable import SMGNet

/// A folder of files that goes away with the test.
private final class Folder {
    let path: String
    private var names: Set<String> = []

    init() {
        var template = Array("/tmp/smg-tls-XXXXXX".utf8CString)
        path = String(cString: mkdtemp(&template))
    }

    deinit {
        for name in names { unlink("\(path)/\(name)") }
        rmdir(path)
    }

    /// Writes a file or replaces it by a new one.
    func write(_ name: String, _ text: String) -> String {
        let target = "\(path)/\(name)"
        let file = creat("\(target).new", 0o600)
        precondition(file >= 0 && CLinux.write(file, text, text.utf8.count) == text.utf8.count)
        close(file)
        unlink(target)
        precondition(link("\(target).new", target) == 0)
        unlink("\(target).new")
        names.insert(name)
        return target
    }

    func remove(_ name: String) { unlink("\(path)/\(name)") }
}

@Suite struct TLSFilesTests {
    private let folder = Folder()
    private let first = TestCertificates.authority("First CA")
    private let second = TestCertificates.authority("Second CA")

    private func store(_ identity: TestIdentity) -> TLSServerOptions {
        TLSServerOptions(
            identity: TLSIdentity(
                certificateChain: .file(folder.write("cert.pem", identity.certificate)),
                privateKey: .file(folder.write("key.pem", identity.key))))
    }

    private func isAccepted(_ server: TLSServerContext, by root: TestIdentity) throws -> Bool {
        var options = TLSClientOptions()
        options.trustSystemRoots = false
        options.extraRoots = [.file(folder.write("root.pem", root.certificate))]
        return try TLSPair(server, TLSClientContext(options)).handshake().client == .done(0)
    }

    @Test func reloadsChangedFilesForNewConnections() throws {
        let server = try TLSServerContext(store(TestCertificates.leaf(first)))
        #expect(try !server.reloadIfChanged())
        #expect(try isAccepted(server, by: first))
        var options = TLSClientOptions()
        options.extraRoots = [first.root]
        let open = try TLSPair(server, TLSClientContext(options))
        open.handshake()

        _ = store(TestCertificates.leaf(second))
        #expect(try server.reloadIfChanged())
        #expect(try !server.reloadIfChanged())
        #expect(try isAccepted(server, by: second))
        #expect(try !isAccepted(server, by: first))
        #expect(open.server.write("still here") == .done(10))
        #expect(open.client.read().1.count == 10)
    }

    @Test func keepsTheOldFilesWhenNewOnesAreBad() throws {
        let server = try TLSServerContext(store(TestCertificates.leaf(first)))
        let next = TestCertificates.leaf(second)
        // First only the certificate: it does not fit the key.
        _ = folder.write("cert.pem", next.certificate)
        let mismatch = #expect(throws: TLSError.self) { try server.reloadIfChanged() }
        #expect(mismatch?.kind == .keyMismatch)
        #expect(server.lastReloadError == mismatch)
        #expect(try !server.reloadIfChanged())  // told once
        #expect(try isAccepted(server, by: first))
        // Then the key: now both are good.
        _ = folder.write("key.pem", next.key)
        #expect(try server.reloadIfChanged())
        #expect(server.lastReloadError == nil)
        #expect(try isAccepted(server, by: second))
        // Gone and cut files.
        folder.remove("cert.pem")
        let gone = #expect(throws: TLSError.self) { try server.reloadIfChanged() }
        #expect(gone?.kind == .badCertificate)
        #expect(gone?.reason.contains("cert.pem") == true && gone?.reason.contains("No such file") == true)
        _ = folder.write("cert.pem", String(next.certificate.prefix(200)))
        let cut = #expect(throws: TLSError.self) { try server.reloadIfChanged() }
        #expect(cut?.kind == .badCertificate)
        #expect(try isAccepted(server, by: second))
        _ = store(TestCertificates.leaf(first))
        #expect(try server.reloadIfChanged())
        #expect(try isAccepted(server, by: first))
    }

    @Test func reloadsClientRoots() throws {
        var options = store(TestCertificates.leaf(first))
        options.clientAuthentication = .require(roots: [.file(folder.write("clients.pem", first.certificate))])
        let server = try TLSServerContext(options)
        var clientOptions = TLSClientOptions()
        clientOptions.extraRoots = [first.root]
        clientOptions.identity = TestCertificates.leaf(second).identity()
        let client = try TLSClientContext(clientOptions)
        #expect(try TLSPair(server, client).handshake().server.failureKind == .certificateVerifyFailed)
        _ = folder.write("clients.pem", first.certificate + second.certificate)
        #expect(try server.reloadIfChanged())
        #expect(try TLSPair(server, client).handshake().server == .done(0))
    }

    @Test func namesWhatIsWrongWithFiles() throws {
        let good = TestCertificates.leaf(first)
        let request = TestCertificates.Request(commonName: "locked", password: "secret")
        let locked = TestCertificates.make(request, issuer: nil)
        let cases: [(TLSIdentity, TLSError.Kind)] = [
            (TestIdentity(certificate: "", key: good.key).identity(), .badCertificate),
            (TestIdentity(certificate: "no PEM at all\n", key: good.key).identity(), .badCertificate),
            (TestIdentity(certificate: good.key, key: good.key).identity(), .badCertificate),
            (TestIdentity(certificate: good.certificate, key: good.certificate).identity(), .badPrivateKey),
            (TestIdentity(certificate: good.certificate, key: locked.key).identity(), .keyMismatch),
            (TestIdentity(certificate: locked.certificate, key: locked.key).identity(), .badPrivateKey),
            (TLSIdentity(certificateChain: .file("/nonexistent"), privateKey: .file("/nonexistent")), .badCertificate),
            (TLSIdentity(certificateChain: .file("/tmp"), privateKey: .file("/tmp")), .badCertificate),
        ]
        for (identity, kind) in cases {
            let server = #expect(throws: TLSError.self) { try TLSServerContext(TLSServerOptions(identity: identity)) }
            var options = TLSClientOptions()
            options.identity = identity
            let client = #expect(throws: TLSError.self) { try TLSClientContext(options) }
            if locked.key == (identity.privateKey.secret ?? "") {
                // Whether the password or the mismatch is met first does not matter, but no key may load.
                #expect(server?.kind == .badPrivateKey && client?.kind == .badPrivateKey)
            } else {
                #expect(server?.kind == kind && client?.kind == kind)
            }
        }
        var options = TLSClientOptions()
        options.extraRoots = [.memory(Secret("nothing"))]
        #expect(throws: TLSError.self) { try TLSClientContext(options) }
        options.extraRoots = []
        options.protocols = [String(repeating: "p", count: 256)]
        let long = #expect(throws: TLSError.self) { try TLSClientContext(options) }
        #expect(long?.kind == .badOption)
    }
}

extension PEMSource {
    fileprivate var secret: String? {
        if case .memory(let secret) = self { secret.value } else { nil }
    }
}
