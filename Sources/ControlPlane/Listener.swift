import HTTPTypes
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import NIOHTTPTypes
import NIOPosix
import NIOSSL
import ServiceLifecycle

/// Makes the servers: the edge in front, Hummingbird's HTTP behind it, the dispatcher at the end.
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
        let plain = HTTPServerBuilder { [limits, connections] responder in
            EdgeChannel(
                limits: limits, connections: connections, answer: { dispatcher.answer(to: $0) }, responder: responder)
        }
        let builder =
            try tls.map { try HTTPServerBuilder.tls(plain, tlsConfiguration: Self.configuration($0)) } ?? plain
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .notice)
        return try builder.buildServer(
            configuration: ServerConfiguration(address: address, backlog: 1024),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: quiet,
            responder: { request, writer, channel in
                if let host, !dispatcher.knows(Array((request.head.path ?? "").utf8)) {
                    let response = try await host(request, channel)
                    let body = request.method == .head ? ResponseBody() : response.body
                    try await writer.write(response: response.head, body: body)
                } else {
                    try await Self.respond(to: request, writer, channel, dispatcher, maximum: limits.bodyBytes)
                }
            }, onServerRunning: onListening)
    }

    private static func respond(
        to request: Request, _ writer: consuming ResponseWriter, _ channel: any Channel, _ dispatcher: Dispatcher,
        maximum: Int
    ) async throws {
        let body = try await request.body.collect(upTo: maximum)
        let incoming = Dispatcher.Incoming(
            method: request.method.rawValue, target: Array((request.head.path ?? "").utf8),
            fields: FieldValues(request.headers), body: Array(body.readableBytesView),
            peer: channel.remoteAddress.flatMap { .init(peer: $0) })
        let reply = await dispatcher.reply(to: incoming)
        try await writer.write(reply, isHead: request.method == .head, closes: request.headers[.connection] == "close")
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

extension ResponseWriter {
    fileprivate consuming func write(_ reply: Reply, isHead: Bool, closes: Bool) async throws {
        var fields = HTTPFields()
        func add(_ name: String, _ value: String) {
            guard let name = HTTPField.Name(name) else { return }
            fields.append(HTTPField(name: name, value: value))
        }
        for field in reply.fields { add(field.name, field.value) }
        if let contentType = reply.contentType { add("Content-Type", contentType) }
        if reply.status != 204 { add("Content-Length", String(reply.body.count)) }
        if closes { add("Connection", "close") }
        let head = HTTPResponse(status: HTTPResponse.Status(code: reply.status), headerFields: fields)
        let isEmpty = isHead || reply.body.isEmpty
        try await write(
            response: head, body: isEmpty ? ResponseBody() : ResponseBody(byteBuffer: ByteBuffer(bytes: reply.body)))
    }
}
