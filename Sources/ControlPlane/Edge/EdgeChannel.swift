import HummingbirdCore
import Logging
import NIOCore
import NIOHTTPTypes

/// One connection: the edge, the dispatcher that answers what it has read, and, where the plane is part of another product,
/// Hummingbird's HTTP/1.1 behind it for that product's requests.
struct EdgeChannel: ServerChildChannel {
    struct Value: ServerChildChannelValue {
        let channel: any Channel
        fileprivate let edge: NIOLoopBound<EdgeHandler>
        fileprivate let requests: AsyncStream<EdgeRequest>
        fileprivate let host: HTTP1Channel.Value?
    }

    private let limits: EdgeLimits
    private let connections: ConnectionCount
    private let dispatcher: Dispatcher
    private let host: HTTP1Channel?

    /// - Parameter host: answers what the dispatcher knows nothing of; nil where the dispatcher answers everything.
    init(
        limits: EdgeLimits, connections: ConnectionCount, dispatcher: Dispatcher, host: HTTPChannelHandler.Responder?
    ) {
        self.limits = limits
        self.connections = connections
        self.dispatcher = dispatcher
        let decoder = HTTP1Channel.Configuration.DecoderConfiguration(
            maxHeaderFieldSize: 2 * limits.headBytes, maxHeaderListSize: 4 * limits.headBytes,
            maxHeaderFieldCount: limits.headFields + 4)
        self.host = host.map {
            HTTP1Channel(
                responder: $0,
                configuration: HTTP1Channel.Configuration(
                    additionalChannelHandlers: [AnswerObserver()], httpDecoderConfiguration: decoder))
        }
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let (requests, continuation) = AsyncStream<EdgeRequest>.makeStream()
        return channel.eventLoop.makeCompletedFuture {
            let edge = EdgeHandler(
                limits: limits, connections: connections, dispatcher: dispatcher, hasHost: host != nil,
                on: channel.eventLoop, requests: continuation)
            try channel.pipeline.syncOperations.addHandler(edge)
            return NIOLoopBound(edge, eventLoop: channel.eventLoop)
        }.flatMap { edge in
            guard let host else {
                let value = Value(channel: channel, edge: edge, requests: requests, host: nil)
                return channel.eventLoop.makeSucceededFuture(value)
            }
            return host.setup(channel: channel, logger: logger).map {
                Value(channel: channel, edge: edge, requests: requests, host: $0)
            }
        }
    }

    func handle(value: Value, logger: Logger) async {
        guard let host, let behind = value.host else { return await serve(value) }
        async let hosted: Void = host.handle(value: behind, logger: logger)
        await serve(value)
        await hosted
    }

    /// One request after the other, until the connection is closed.
    private func serve(_ value: Value) async {
        await withTaskCancellationHandler {
            for await request in value.requests {
                let head = request.head
                let reply = await dispatcher.reply(to: request)
                let bytes = reply.bytes(isHead: head.method == "HEAD", closes: head.closesConnection)
                value.channel.eventLoop.execute { value.edge.value.answer(bytes) }
            }
        } onCancel: {
            value.channel.close(promise: nil)
        }
    }
}

/// Tells the edge when the host's answer has been written to its end.
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
            (edge.handler as? EdgeHandler)?.answered()
        } catch {
            context.close(promise: nil)
        }
    }
}
