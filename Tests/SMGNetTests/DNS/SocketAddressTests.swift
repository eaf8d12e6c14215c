import CLinux
import Testing

@testable import SMGNet

@Suite struct SocketAddressTests {
    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1:8080"), ("0.0.0.0", "0.0.0.0:8080"), ("::1", "[::1]:8080"), ("[::1]", "[::1]:8080"),
        ("2001:DB8::0:1", "[2001:db8::1]:8080"), ("fe80::1%1", "[fe80::1%1]:8080"), ("fe80::1%lo", "[fe80::1%1]:8080"),
    ])
    func readsLiterals(literal: String, text: String) throws {
        let address = try #require(SocketAddress(literal: literal, port: 8080))
        #expect(address.description == text)
        #expect(address.port == 8080)
        #expect(!address.isUnix)
    }

    @Test(arguments: [
        "", "[]", "localhost", "127.1", "0x7f.0.0.1", "256.0.0.1", "[127.0.0.1]", "::1::", "fe80::1%",
        "fe80::1%nosuchif",
        "127.0.0.1 ", "127.0.0.1\0", "::1\0x", "1.2.3.4.5", ":", "[::1",
    ])
    func refusesWhatIsNoLiteral(text: String) {
        #expect(SocketAddress(literal: text, port: 1) == nil)
    }

    @Test func changesThePort() throws {
        for literal in ["10.0.0.1", "fe80::2"] {
            let address = try #require(SocketAddress(literal: literal, port: 1))
            let moved = address.with(port: 65535)
            #expect(moved.port == 65535 && moved.host == address.host && moved != address)
            #expect(moved.with(port: 1) == address)
            #expect(moved.with(port: 1).hashValue == address.hashValue)
        }
    }

    @Test func keepsUnixPaths() throws {
        let address = try #require(SocketAddress(unixPath: "/run/smg.sock"))
        #expect(address.description == "unix:/run/smg.sock")
        #expect(address.isUnix && address.port == 0 && address.with(port: 9) == address)
        #expect(address.withSockaddr { _, length in length } == 2 + 13 + 1)
        let longest = String(repeating: "p", count: SocketAddress.maxUnixPathBytes)
        #expect(SocketAddress(unixPath: longest)?.host == longest)
        #expect(SocketAddress(unixPath: longest + "p") == nil)
        #expect(SocketAddress(unixPath: "") == nil && SocketAddress(unixPath: "/a\0b") == nil)
    }

    @Test func comparesEndpointsOnly() throws {
        let address = try #require(SocketAddress(literal: "::1", port: 5))
        var raw = sockaddr_storage()
        address.withSockaddr { pointer, length in
            withUnsafeMutableBytes(of: &raw) {
                $0.copyMemory(from: UnsafeRawBufferPointer(start: pointer, count: Int(length)))
                $0[4] = 7  // the flow label
            }
        }
        let labelled = SocketAddress(storage: raw, length: socklen_t(MemoryLayout<sockaddr_in6>.size))
        #expect(labelled == address)
        #expect(Set([labelled, address]).count == 1)
        #expect(address != SocketAddress(literal: "::2", port: 5))
        #expect(address != SocketAddress(literal: "127.0.0.1", port: 5))
    }

    @Test func copiesOnlyCompleteStructures() throws {
        let address = try #require(SocketAddress(literal: "192.0.2.1", port: 443))
        address.withSockaddr { pointer, length in
            #expect(SocketAddress(copying: pointer, length: length) == address)
            #expect(SocketAddress(copying: pointer, length: length - 1) == nil)
        }
        var other = sockaddr()
        other.sa_family = sa_family_t(AF_PACKET)
        #expect(SocketAddress(copying: &other, length: 16) == nil)
    }

    @Test func showsUnnamedAndAbstractSockets() {
        var raw = sockaddr_storage()
        raw.ss_family = sa_family_t(AF_UNIX)
        #expect(SocketAddress(storage: raw, length: 2).host == "")
        #expect(SocketAddress(storage: raw, length: 0).host == "")
        withUnsafeMutableBytes(of: &raw) { $0[3] = UInt8(ascii: "x") }
        #expect(SocketAddress(storage: raw, length: 4).host == "@x")
        #expect(SocketAddress(storage: raw, length: .max).host.utf8.count == 126)
    }
}
