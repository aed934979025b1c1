import KeybearerVerification
import NIOCore

/// The first handler of every connection: reads whole requests strictly, in time and within bounds, and hands them over one
/// at a time. Nothing behind it sees a byte of a request that is refused.
///
/// The dispatcher gets requests as values, and its answers come back as bytes. What it knows nothing of goes, where a host
/// is there to answer it, through the pipeline in a canonical form.
final class EdgeHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = NIOAny
    typealias OutboundOut = ByteBuffer

    private enum Phase {
        case idle
        case head
        case body(RequestHead, BodyCollector)
        /// A request was handed over and is being answered; what arrives meanwhile waits.
        case answering(closes: Bool, byHost: Bool)
        case closing
    }

    private let limits: EdgeLimits
    private let connections: ConnectionCount
    private let dispatcher: Dispatcher
    private let hasHost: Bool
    private let requests: AsyncStream<EdgeRequest>.Continuation
    private var phase = Phase.idle
    private var pending: [UInt8] = []
    /// How much of `pending` is known to hold no end of a head.
    private var scanned = 0
    private lazy var deadline = EdgeDeadline(on: loop) { [unowned self] in isLate() }
    private let loop: any EventLoop
    private var isReadHeld = false
    /// Nothing follows what is being answered: the client has said so, or the server ends.
    private var isEnding = false
    private var address: IPAddress?
    private var isCounted = false
    private var context: ChannelHandlerContext?

    /// - Parameters:
    ///   - hasHost: whether what is behind in the pipeline answers what the dispatcher knows nothing of.
    ///   - requests: takes what the dispatcher is to answer, to be given back to `answer`; finished with the connection.
    init(
        limits: EdgeLimits, connections: ConnectionCount, dispatcher: Dispatcher, hasHost: Bool, on loop: any EventLoop,
        requests: AsyncStream<EdgeRequest>.Continuation
    ) {
        self.limits = limits
        self.connections = connections
        self.dispatcher = dispatcher
        self.hasHost = hasHost
        self.loop = loop
        self.requests = requests
    }

    // MARK: The connection's life

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { begin(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    private func begin(_ context: ChannelHandlerContext) {
        guard !isCounted else { return }
        address = context.channel.remoteAddress.flatMap(IPAddress.init(peer:))
        guard connections.admit(address) else {
            phase = .closing
            context.close(promise: nil)
            return
        }
        isCounted = true
        deadline.set(limits.idleTimeout)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
        self.context = nil
    }

    private func end() {
        deadline.end()
        requests.finish()
        phase = .closing
        pending = []
        if isCounted {
            isCounted = false
            connections.release(address)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is ChannelShouldQuiesceEvent || event as? ChannelEvent == .inputClosed else {
            return context.fireUserInboundEventTriggered(event)
        }
        switch phase {
        case .answering(_, byHost: true): context.fireUserInboundEventTriggered(event)
        case .answering: isEnding = true
        case .idle, .head, .body, .closing: context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A connection that broke, or TLS that was never spoken: nobody is left to be told.
        context.close(promise: nil)
    }

    // MARK: Reading

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .closing = phase { return }
        pending += unwrapInboundIn(data).readableBytesView
        proceed(context)
    }

    func read(context: ChannelHandlerContext) {
        if case .answering = phase, pending.count > limits.headBytes {
            isReadHeld = true
        } else {
            context.read()
        }
    }

    private func proceed(_ context: ChannelHandlerContext) {
        do throws(EdgeRefusal) {
            while try step(context) {}
        } catch {
            refuse(error, context)
        }
    }

    /// One step forward with what has arrived; false when more is needed.
    private func step(_ context: ChannelHandlerContext) throws(EdgeRefusal) -> Bool {
        switch phase {
        case .closing, .answering: return false
        case .idle:
            guard !pending.isEmpty else { return false }
            phase = .head
            deadline.set(limits.headTimeout)
            return true
        case .head:
            guard let bytes = try takeHead() else { return false }
            let head = try RequestHead(bytes, limits: limits)
            phase = .body(head, try BodyCollector(head.framing, limit: limits.bodyBytes))
            deadline.set(limits.bodyTimeout)
            if head.expectsContinue, head.framing != .length(0), pending.isEmpty {
                send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8), context)
            }
            return true
        case .body(let head, var collector):
            // The collector is the only owner of its bytes while it grows, else each read would copy them all.
            phase = .closing
            var rest = pending[...]
            try collector.take(from: &rest)
            pending = Array(rest)
            phase = .body(head, collector)
            guard collector.isComplete else { return false }
            pass(head, collector.body, context)
            return true
        }
    }

    /// The bytes up to and including the empty line; nil until they are all there.
    private func takeHead() throws(EdgeRefusal) -> [UInt8]? {
        var index = max(scanned, 0)
        while index < pending.count {
            defer { index += 1 }
            guard pending[index] == UInt8(ascii: "\n") else { continue }
            guard index > 0, pending[index - 1] == UInt8(ascii: "\r") else { throw .bareLineFeed }
            let isEmptyLine = index == 1 || (index >= 3 && pending[index - 2] == UInt8(ascii: "\n"))
            guard isEmptyLine else { continue }
            guard index < limits.headBytes else { throw .headTooLarge }
            let head = Array(pending[...index])
            pending.removeFirst(index + 1)
            scanned = 0
            return head
        }
        scanned = pending.count
        guard pending.count < limits.headBytes else { throw .headTooLarge }
        return nil
    }

    private func pass(_ head: RequestHead, _ body: [UInt8], _ context: ChannelHandlerContext) {
        deadline.set(nil)
        let byHost = hasHost && !dispatcher.knows(head.target)
        phase = .answering(closes: head.closesConnection, byHost: byHost)
        guard byHost else {
            requests.yield(EdgeRequest(head: head, body: body, peer: address))
            return
        }
        var buffer = context.channel.allocator.buffer(capacity: limits.headBytes + body.count)
        buffer.writeBytes(head.canonical(bodyLength: body.count))
        buffer.writeBytes(body)
        context.fireChannelRead(wrapInboundOut(buffer))
        context.fireChannelReadComplete()
    }

    // MARK: Answers

    /// The dispatcher's whole answer to the request that it was given.
    func answer(_ bytes: [UInt8]) {
        guard let context, case .answering = phase else { return }
        send(bytes, context)
        answered()
    }

    /// Called once the answer to the request that was handed over has been written whole.
    func answered() {
        guard let context, case .answering(let closes, let byHost) = phase else { return }
        guard !closes else { return byHost ? linger() : finish(context) }
        phase = .idle
        deadline.set(limits.idleTimeout)
        proceed(context)
        if isEnding {
            switch phase {
            case .answering, .closing: return
            case .idle, .head, .body: return finish(context)
            }
        }
        if isReadHeld {
            isReadHeld = false
            context.read()
        }
    }

    private func isLate() {
        guard let context else { return }
        switch phase {
        case .head: refuse(.headTimeout, context)
        case .body: refuse(.bodyTimeout, context)
        case .idle, .closing, .answering: context.close(promise: nil)
        }
    }

    private func refuse(_ refusal: EdgeRefusal, _ context: ChannelHandlerContext) {
        pending = []
        send(dispatcher.answer(to: refusal), context)
        finish(context)
    }

    /// Ends the connection in two steps: closing at once would let the system discard what the client has not read yet.
    private func finish(_ context: ChannelHandlerContext) {
        context.close(mode: .output, promise: nil)
        linger()
    }

    private func linger() {
        phase = .closing
        deadline.set(.seconds(1))
    }

    private func send(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
    }
}

extension IPAddress {
    /// The address of a TCP peer; nil for a Unix socket.
    init?(peer: SocketAddress) {
        guard let text = peer.ipAddress else { return nil }
        self.init(text)
    }
}
