internal import SMGBase
internal import SMGConfig
internal import SMGNet
internal import SMGTelemetry

/// The TLS contexts a configuration asks for.
struct GatewayTLS: Sendable {
    /// How often the server's certificate files are looked at.
    private static let watchInterval = TimeSpan.seconds(10)

    /// For client connections; nil for plain HTTP.
    let server: TLSServerContext?
    /// For connections to https workers; nil when there is no way to make one, which only https workers notice.
    let client: TLSClientContext?

    init(_ configuration: GatewayConfiguration) throws(GatewayStartError) {
        let tls = configuration.tls
        do throws(TLSError) {
            if let pair = tls.server {
                server = try TLSServerContext(TLSServerOptions(identity: GatewayTLS.identity(pair)))
            } else {
                server = nil
            }
            var options = TLSClientOptions()
            options.extraRoots = tls.authorityPaths.map { .file($0) }
            options.identity = tls.client.map(GatewayTLS.identity)
            if configuration.upstream.usesHTTP2 { options.protocols = ["h2", "http/1.1"] }
            let needed =
                !tls.authorityPaths.isEmpty || tls.client != nil || configuration.workers.urls.contains { $0.isTLS }
            client = needed ? try TLSClientContext(options) : try? TLSClientContext(options)
        } catch { throw GatewayStartError(code: error.code, description: "TLS: \(error)") }
    }

    private static func identity(_ pair: GatewayConfiguration.CertificatePair) -> TLSIdentity {
        TLSIdentity(certificateChain: .file(pair.certificatePath), privateKey: .file(pair.keyPath))
    }

    /// Loads the server's certificate anew when its files change. A bad new one is reported and the old one kept.
    func watchServerCertificate(on loop: EventLoop, log: Logger) {
        guard let server else { return }
        loop.execute {
            loop.spawn {
                while !loop.isStopping {
                    await loop.sleep(GatewayTLS.watchInterval)
                    do throws(TLSError) {
                        if try server.reloadIfChanged() { log.info("tls", "certificate reloaded") }
                    } catch {
                        log.error("tls", "new certificate not loaded, the old one stays") {
                            $0.field("reason", error.description)
                        }
                    }
                }
            }
        }
    }
}
