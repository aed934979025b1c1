import HummingbirdCore
import Logging
import NIOCore
import NIOHTTPTypes

/// Hummingbird's HTTP/1.1 channel behind the edge handler.
struct EdgeChannel: ServerChildChannel {
    typealias Value = HTTP1Channel.Value

    private let http: HTTP1Channel
    private let makeEdge: @Sendable () -> EdgeHandler

    init(
        limits: EdgeLimits, connections: ConnectionCount, answer: @escaping @Sendable (EdgeRefusal) -> [UInt8],
        responder: @escaping HTTPChannelHandler.Responder
    ) {
        let decoder = HTTP1Channel.Configuration.DecoderConfiguration(
            maxHeaderFieldSize: 2 * limits.headBytes, maxHeaderListSize: 4 * limits.headBytes,
            maxHeaderFieldCount: limits.headFields + 4)
        http = HTTP1Channel(
            responder: responder,
            configuration: HTTP1Channel.Configuration(
                additionalChannelHandlers: [AnswerObserver()], httpDecoderConfiguration: decoder))
        makeEdge = { EdgeHandler(limits: limits, connections: connections, answer: answer) }
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture { [makeEdge] in
            try channel.pipeline.syncOperations.addHandler(makeEdge())
        }.flatMap { [http] in http.setup(channel: channel, logger: logger) }
    }

    func handle(value: Value, logger: Logger) async { await http.handle(value: value, logger: logger) }
}

/// Tells the edge when an answer has been written to its end.
private final class AnswerObserver: ChannelOutboundHandler, RemovableChannelHandler {
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let part = unwrapOutboundIn(data)
        context.write(data, promise: promise)
        guard case .end = part else { return }
        context.flush()
        do {
            let edge = try context.pipeline.syncOperations.context(handlerType: EdgeHandler.self)
            (edge.handler as? EdgeHandler)?.answered(edge)
        } catch {
            context.close(promise: nil)
        }
    }
}
