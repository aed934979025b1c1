import HTTPTypes
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import NIOHTTPTypes
import NIOPosix
import NIOSSL
import ServiceLifecycle

/// Makes the servers: Hummingbird listens, drains and speaks TLS, and each connection is an `EdgeChannel`.
struct Listener: Sendable {
    let limits: EdgeLimits
    let connections: ConnectionCount
    let tls: ControlPlaneSettings.Certificate?
    let logger: Logger

    func service(
        on place: ControlPlaneSettings.Listen, _ dispatcher: Dispatcher, host: ControlPlane.Host?,
        onListening: @escaping @Sendable (any Channel) async -> Void
    ) throws -> any Service {
        let address: BindAddress =
            switch place {
            case .tcp(let host, let port): .hostname(host, port: port)
            case .unix(let path): .unixDomainSocket(path: path)
            }
        let responder = host.map { host -> HTTPChannelHandler.Responder in
            { request, writer, channel in
                let response = try await host(request, channel)
                let body = request.method == .head ? ResponseBody() : response.body
                try await writer.write(response: response.head, body: body)
            }
        }
        let plain = HTTPServerBuilder { [limits, connections] _ in
            EdgeChannel(limits: limits, connections: connections, dispatcher: dispatcher, host: responder)
        }
        let builder =
            try tls.map { try HTTPServerBuilder.tls(plain, tlsConfiguration: Self.configuration($0)) } ?? plain
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .notice)
        return try builder.buildServer(
            configuration: ServerConfiguration(address: address, backlog: 1024),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: quiet,
            responder: { _, _, _ in }, onServerRunning: onListening)
    }

    private static func configuration(_ files: ControlPlaneSettings.Certificate) throws -> TLSConfiguration {
        do {
            let chain = try NIOSSLCertificate.fromPEMFile(files.certificatePath).map {
                NIOSSLCertificateSource.certificate($0)
            }
            let key = try NIOSSLPrivateKey(file: files.keyPath, format: .pem)
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain, privateKey: .privateKey(key))
            configuration.minimumTLSVersion = .tlsv12
            configuration.applicationProtocols = ["http/1.1"]
            return configuration
        } catch {
            throw ControlPlane.StartError.certificate("\(error)")
        }
    }
}
