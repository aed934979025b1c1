import KeybearerVerification
import NIOCore

/// The first handler of every connection: reads whole requests strictly, in time and within bounds, and passes them
/// on one at a time in a canonical form. Nothing behind it sees a byte of a request that is refused.
final class EdgeHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = NIOAny
    typealias OutboundOut = ByteBuffer

    private enum Phase {
        case idle
        case head
        case body(RequestHead, BodyCollector)
        /// A request was passed on and is being answered; what arrives meanwhile waits.
        case answering(closes: Bool)
        case closing
    }

    private let limits: EdgeLimits
    private let connections: ConnectionCount
    private let answer: @Sendable (EdgeRefusal) -> [UInt8]
    private var phase = Phase.idle
    private var pending: [UInt8] = []
    /// How much of `pending` is known to hold no end of a head.
    private var scanned = 0
    private var timer: Scheduled<Void>?
    private var isReadHeld = false
    private var address: IPAddress?
    private var isCounted = false

    /// - Parameter answer: the whole HTTP answer to a refusal, to be sent before the connection closes.
    init(
        limits: EdgeLimits, connections: ConnectionCount, answer: @escaping @Sendable (EdgeRefusal) -> [UInt8]
    ) {
        self.limits = limits
        self.connections = connections
        self.answer = answer
    }

    // MARK: The connection's life

    func handlerAdded(context: ChannelHandlerContext) {
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
        expect(limits.idleTimeout, context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { end() }

    private func end() {
        timer?.cancel()
        timer = nil
        phase = .closing
        pending = []
        if isCounted {
            isCounted = false
            connections.release(address)
        }
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
            expect(limits.headTimeout, context)
            return true
        case .head:
            guard let bytes = try takeHead() else { return false }
            let head = try RequestHead(bytes, limits: limits)
            phase = .body(head, try BodyCollector(head.framing, limit: limits.bodyBytes))
            expect(limits.bodyTimeout, context)
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
        phase = .answering(closes: head.closesConnection)
        timer?.cancel()
        timer = nil
        var buffer = context.channel.allocator.buffer(capacity: limits.headBytes + body.count)
        buffer.writeBytes(head.canonical(bodyLength: body.count))
        buffer.writeBytes(body)
        context.fireChannelRead(wrapInboundOut(buffer))
        context.fireChannelReadComplete()
    }

    /// Called once the answer to the request that was passed on has been written whole.
    func answered(_ context: ChannelHandlerContext) {
        guard case .answering(let closes) = phase else { return }
        guard !closes else {
            phase = .closing
            linger(context)
            return
        }
        phase = .idle
        expect(limits.idleTimeout, context)
        proceed(context)
        if isReadHeld {
            isReadHeld = false
            context.read()
        }
    }

    // MARK: Time and refusals

    private func expect(_ duration: Duration, _ context: ChannelHandlerContext) {
        timer?.cancel()
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(duration)) { [self] in
            switch phase {
            case .head: refuse(.headTimeout, context)
            case .body: refuse(.bodyTimeout, context)
            case .idle, .closing, .answering: context.close(promise: nil)
            }
        }
    }

    private func refuse(_ refusal: EdgeRefusal, _ context: ChannelHandlerContext) {
        phase = .closing
        pending = []
        send(answer(refusal), context)
        context.close(mode: .output, promise: nil)
        linger(context)
    }

    /// Leaves the client a moment to read the answer: closing at once would let the system discard it.
    private func linger(_ context: ChannelHandlerContext) { expect(.seconds(1), context) }

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
