import KeybearerVerification
import NIOCore

/// One connection: bytes to requests, requests to answers in their order, and a deadline for every wait.
///
/// Lives on its event loop alone. A request that memory can decide is answered before the next one is parsed; while
/// one waits for the store nothing more is read, so a client that pipelines is slowed down and not buffered.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Stage {
        case reading
        /// The number tells a decision that is still awaited from one that came too late.
        case deciding(Int)
        /// The last answer is on its way; what else arrives is dropped.
        case lingering
        case closed
    }

    private let endpoints: Endpoints
    private let registry: ConnectionRegistry
    private let clock: WallClock
    private let deadline: ConnectionDeadline
    private var parser = HTTPRequestParser()
    private var writer = ResponseWriter()
    private var ids: RequestIDs
    private var stage = Stage.reading
    private var peer: Peer?
    private var decisions = 0
    private var isDraining = false
    private var inputHasEnded = false
    private var isReadHeld = false

    init(
        endpoints: Endpoints, registry: ConnectionRegistry, limits: ConnectionLimits, clock: WallClock, ids: RequestIDs
    ) {
        self.endpoints = endpoints
        self.registry = registry
        self.clock = clock
        self.ids = ids
        deadline = ConnectionDeadline(limits)
    }

    // MARK: Events

    func channelActive(context: ChannelHandlerContext) {
        peer = Peer(context.channel.remoteAddress) ?? unixPeer(context)
        guard peer != nil, registry.admit(context.channel) else {
            stage = .closed
            context.close(promise: nil)
            return
        }
        wait(.idle, context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        stage = .closed
        deadline.cancel()
        registry.remove(context.channel)
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .reading = stage else {
            if case .deciding = stage { parser.receive(unwrapInboundIn(data).readableBytesView) }
            return
        }
        parser.receive(unwrapInboundIn(data).readableBytesView)
        serve(context)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        send(context)
        context.fireChannelReadComplete()
    }

    /// Asked for the next bytes by the channel; answered later while a request is being decided, or while the client
    /// does not take its answers.
    func read(context: ChannelHandlerContext) {
        switch stage {
        case .deciding: isReadHeld = true
        case .reading where !context.channel.isWritable: isReadHeld = true
        default: context.read()
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable, case .reading = stage {
            serve(context)
            send(context)
            resumeReading(context)
        }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed: endOfInput(context)
        case is DrainEvent: drain(context)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { close(context) }

    // MARK: Requests

    private func serve(_ context: ChannelHandlerContext) {
        while case .reading = stage, context.channel.isWritable {
            do throws(HTTPRefusal) {
                guard let request = try parser.next() else { break }
                deadline.forget()
                respond(to: request, context)
            } catch {
                refuse(error, context)
                return
            }
            if writer.byteCount > 65_536 { send(context) }
        }
        guard case .reading = stage else { return }
        if inputHasEnded, context.channel.isWritable {
            finish(context)
            return
        }
        if parser.takeContinue() { writer.writeContinue(context.channel.allocator) }
        switch parser.stage {
        case .betweenRequests: wait(.idle, context)
        case .head: wait(context.channel.isWritable ? .head : .idle, context)
        case .body: wait(.body, context)
        }
    }

    private func respond(to request: HTTPRequest, _ context: ChannelHandlerContext) {
        guard let peer else { return close(context) }
        let exchange = Exchange(request: request, peer: peer, id: ids.next())
        switch endpoints.respond(to: exchange) {
        case .answer(let response): answer(response, exchange, context)
        case .pending(let decision):
            decisions += 1
            let number = decisions
            stage = .deciding(number)
            send(context)
            wait(.decision(exchange), context)
            context.eventLoop.makeFutureWithTask(decision).assumeIsolated().whenSuccess { response in
                self.decided(response, number, exchange, context)
            }
        }
    }

    /// The decision of a request that had to wait. One that comes after its deadline is dropped.
    private func decided(_ response: Response, _ number: Int, _ exchange: Exchange, _ context: ChannelHandlerContext) {
        guard case .deciding(number) = stage else { return }
        stage = .reading
        deadline.forget()
        answer(response, exchange, context)
        serve(context)
        send(context)
        resumeReading(context)
    }

    private func answer(_ response: Response, _ exchange: Exchange, _ context: ChannelHandlerContext) {
        let closes = isDraining || !exchange.head.keepsAlive
        writer.date.update(to: clock.now())
        writer.write(
            response, id: exchange.id, omitsBody: exchange.head.isHead, closes: closes, context.channel.allocator)
        if closes { finish(context) }
    }

    private func refuse(_ refusal: HTTPRefusal, _ context: ChannelHandlerContext) {
        let id = ids.next()
        writer.date.update(to: clock.now())
        writer.write(
            Response(refusal, id: id), id: id, omitsBody: false, closes: true, context.channel.allocator)
        finish(context)
    }

    // MARK: Ends

    /// Sends what is written and then ends the connection in two steps: a connection that is closed while the client
    /// still sends is reset, and the reset can overtake the answer.
    private func finish(_ context: ChannelHandlerContext) {
        if case .lingering = stage { return }
        stage = .lingering
        wait(.idle, context)
        let bytes = wrapOutboundOut(writer.take() ?? ByteBuffer())
        context.writeAndFlush(bytes).assumeIsolated().whenComplete { _ in self.isSent(context) }
    }

    private func isSent(_ context: ChannelHandlerContext) {
        guard case .lingering = stage else { return }
        guard !inputHasEnded else { return close(context) }
        context.close(mode: .output, promise: nil)
        wait(.linger, context)
        resumeReading(context)
    }

    private func close(_ context: ChannelHandlerContext) {
        if case .closed = stage { return }
        stage = .closed
        deadline.cancel()
        context.close(promise: nil)
    }

    private func endOfInput(_ context: ChannelHandlerContext) {
        inputHasEnded = true
        switch stage {
        case .reading: serve(context)
        case .lingering: close(context)
        case .deciding, .closed: break
        }
    }

    private func drain(_ context: ChannelHandlerContext) {
        isDraining = true
        if case .reading = stage, parser.stage == .betweenRequests { finish(context) }
    }

    // MARK: Waiting

    private func send(_ context: ChannelHandlerContext) {
        guard let bytes = writer.take() else { return }
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }

    private func resumeReading(_ context: ChannelHandlerContext) {
        guard isReadHeld else { return }
        isReadHeld = false
        read(context: context)
    }

    private func wait(_ reason: ConnectionDeadline.Reason, _ context: ChannelHandlerContext) {
        deadline.wait(for: reason, on: context.eventLoop) { self.expired($0, context) }
    }

    private func expired(_ reason: ConnectionDeadline.Reason, _ context: ChannelHandlerContext) {
        switch reason {
        case .head, .body: refuse(.tooSlow, context)
        case .decision(let exchange):
            stage = .reading
            answer(Endpoints.outOfTime(exchange), exchange, context)
            finish(context)
        case .idle, .linger: close(context)
        }
    }

    private func unixPeer(_ context: ChannelHandlerContext) -> Peer? {
        guard case .unixDomainSocket = context.channel.localAddress else { return nil }
        return Peer(address: nil)
    }
}

/// Tells a connection that the plane is shutting down.
struct DrainEvent: Sendable {}
