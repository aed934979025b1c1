import CLinux
import Glibc
import KeybearerVerification

/// One thread's connections, from bytes to answers: nothing that memory can decide leaves this thread. Made and used
/// on that thread alone; others reach it through its inbox.
final class EventLoop {
    private static let receiveBytes = 65_536

    let endpoints: Endpoints
    let limits: ConnectionLimits
    let inbox: Inbox
    let poller: Poller
    // What every request writes to is not watched for overlapping uses while the program runs, which took a fortieth of its
    // time: one thread alone comes here, and no method keeps hold of one of these while it calls another that changes it.
    @exclusivity(unchecked) var memory = Memory()
    @exclusivity(unchecked) var writer = ResponseWriter()
    /// Of the request that is being answered.
    let fields = FieldRoom()
    var isDraining = false
    /// Read once a turn: nanoseconds since boot.
    var now: Int64 = 0
    var wallTime = Timestamp(seconds: 0)
    private let listener: Listener
    private let number: Int
    private let counts: ConnectionCounts
    private let clock: WallClock
    private var connections: [Connection?] = []
    private var open = 0
    private var generation: UInt32 = 0
    private var random = SystemRandomNumberGenerator()
    private var isAccepting = true
    private var acceptsAgainAt = Int64.max
    private var drainEnd = ContinuousClock.Instant.now
    /// No connection's deadline is earlier.
    private var nextDeadline = Int64.max
    /// Whose turn is over and whose answers still stand in the writer, one after the other, up to `end` each.
    @exclusivity(unchecked) private var turns: [Turn] = []
    /// Those whose answers are being sent.
    @exclusivity(unchecked) private var settling: [Turn] = []
    /// What has been received in this turn, and not been served yet.
    @exclusivity(unchecked) private var arrivals: [Arrival] = []
    /// Those that are being served.
    @exclusivity(unchecked) private var serving: [Arrival] = []
    /// The key of the arrival that is being served.
    private(set) var foreseen: ForeseenKey?
    // Freed with the loop. The kernel writes to it in `receive`, whose views of it end with the arrivals' turn.
    private let received = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 4 * receiveBytes)
    /// How much of it holds arrivals.
    private var filled = 0

    /// - Parameter number: of the listener's sockets, the one that is this loop's.
    init(
        endpoints: Endpoints, limits: ConnectionLimits, inbox: Inbox, listener: Listener, number: Int,
        counts: ConnectionCounts, clock: WallClock
    ) throws(SystemError) {
        self.endpoints = endpoints
        self.limits = limits
        self.inbox = inbox
        self.listener = listener
        self.number = number
        self.counts = counts
        self.clock = clock
        poller = try Poller()
        try poller.add(Poller.Token(descriptor: inbox.bell, generation: 0), .arrival)
        try poller.add(listening, listener.interest)
    }

    deinit { received.deallocate() }

    private var listening: Poller.Token { Poller.Token(descriptor: listener.descriptors[number], generation: 0) }

    /// Until a drain has ended.
    /// - Returns: how many connections had to be cut.
    func run() -> Int {
        tick()
        while !(isDraining && (open == 0 || .now >= drainEnd)) {
            let events = poller.wait(milliseconds: timeout)
            tick()
            for index in 0..<events {
                let (token, interest) = poller.event(index)
                handle(token, interest)
            }
            serveArrivals()
            sendAnswers()
            if now >= nextDeadline { expire() }
            if now >= acceptsAgainAt { resumeAccepting() }
        }
        let cut = open
        for connection in connections { if let connection { close(connection) } }
        return cut
    }

    private func tick() {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        now = Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
        wallTime = clock.now()
    }

    /// In milliseconds, rounded up, since a deadline is looked at when it has passed.
    private var timeout: Int32? {
        var next = min(nextDeadline, acceptsAgainAt)
        if isDraining { next = min(next, now + 20_000_000) }
        guard next < .max else { return nil }
        return Int32(clamping: max(0, next - now + 999_999) / 1_000_000)
    }

    private func handle(_ token: Poller.Token, _ interest: Poller.Interest) {
        if token.generation != 0, interest == .arrival {
            if let connection = connection(token) { receive(connection) }
            return
        }
        // All else is rare, and finds what came before it done.
        finishArrivals()
        if token.descriptor == inbox.bell { return takeMessages() }
        if token.generation == 0 { return accept() }
        guard let connection = connection(token) else { return }
        if !interest.isDisjoint(with: .output) { writable(connection) }
        if !interest.isDisjoint(with: .input) {
            receive(connection)
            // The end is told of once, with the bytes before it or without.
            if interest.contains(.end) { receive(connection) }
        } else if !interest.isDisjoint(with: .gone) {
            close(connection)
        }
    }

    /// nil for one that has been closed, whose descriptor another may have by now.
    private func connection(_ token: Poller.Token) -> Connection? {
        let index = Int(token.descriptor)
        guard index < connections.count, let connection = connections[index], connection.token == token else {
            return nil
        }
        return connection
    }

    private func takeMessages() {
        for message in inbox.takeAll() {
            switch message {
            case .decided(let token, let number, let response):
                if let connection = connection(token) { decided(connection, number, response) }
            case .drain(let end): drain(until: end)
            }
        }
    }

    // MARK: Coming and going

    private func accept() {
        guard isAccepting else { return }
        // A bounded number, so that a flood of connections does not keep those that are there from being served.
        for _ in 0..<64 {
            var descriptor: Int32 = -1
            guard let address = SocketAddress(accepting: listening.descriptor, into: &descriptor) else {
                if errno == EMFILE || errno == ENFILE { pauseAccepting() }
                return
            }
            guard let peer = address.peer, counts.admit() else {
                Glibc.close(descriptor)
                continue
            }
            if peer.address != nil {
                var on: Int32 = 1
                setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
            }
            admit(descriptor, peer)
        }
    }

    private func admit(_ descriptor: Int32, _ peer: Peer) {
        generation = generation == .max ? 1 : generation + 1
        let token = Poller.Token(descriptor: descriptor, generation: generation)
        do throws(SystemError) {
            try poller.addConnection(token)
        } catch {
            Glibc.close(descriptor)
            counts.remove()
            return
        }
        let connection = Connection(token: token, peer: peer, ids: RequestIDs(using: &random))
        let index = Int(descriptor)
        if index >= connections.count {
            connections += [Connection?](repeating: nil, count: index + 64 - connections.count)
        }
        connections[index] = connection
        open += 1
        wait(connection, for: .idle)
    }

    /// The process has no descriptor left. What waits in the listener's queue would wake the loop again and again.
    private func pauseAccepting() {
        poller.remove(listening.descriptor)
        acceptsAgainAt = now + 100_000_000
    }

    private func resumeAccepting() {
        acceptsAgainAt = .max
        guard isAccepting else { return }
        do throws(SystemError) {
            try poller.add(listening, listener.interest)
        } catch {
            acceptsAgainAt = now + 100_000_000
        }
    }

    func close(_ connection: Connection) {
        guard connection.isOpen else { return }
        connection.stage = .closed
        let descriptor = connection.token.descriptor
        Glibc.close(descriptor)
        connections[Int(descriptor)] = nil
        open -= 1
        counts.remove()
    }

    private func drain(until end: ContinuousClock.Instant) {
        isDraining = true
        drainEnd = end
        isAccepting = false
        if acceptsAgainAt == .max { poller.remove(listening.descriptor) }
        listener.leave(number)
        for connection in connections {
            guard let connection, connection.isReading, connection.parser.stage == .betweenRequests else { continue }
            finish(connection)
        }
    }

    // MARK: Bytes

    private struct Turn {
        let connection: Connection
        let end: Int
    }

    /// So many are answered before the first answer is sent. A client that sleeps has to be woken, which costs more
    /// than a verification; those of one machine are awake for the second answer when the first was just sent.
    private static let mostTurns = 32

    /// Sends what has been answered since the last time.
    private func sendAnswers() {
        guard !turns.isEmpty else { return }
        swap(&turns, &settling)
        let bytes = writer.output.bytes
        var begin = 0
        for turn in settling {
            transmit(turn.connection, UnsafeRawBufferPointer(rebasing: bytes[begin..<turn.end]))
            begin = turn.end
        }
        writer.removeAll()
        for turn in settling { settle(turn.connection) }
        settling.removeAll(keepingCapacity: true)
    }

    private struct Arrival {
        let connection: Connection
        let bytes: ByteView
    }

    private func receive(_ connection: Connection) {
        guard connection.isOpen else { return }
        if arrivals.count == Self.mostTurns || received.count - filled < Self.receiveBytes { finishArrivals() }
        let room = UnsafeMutableBufferPointer(rebasing: received[filled..<filled + Self.receiveBytes])
        let length = recv(connection.token.descriptor, room.baseAddress, room.count, 0)
        guard length > 0 else {
            finishArrivals()
            if length == 0 { return inputEnds(connection) }
            if errno != EAGAIN && errno != EINTR { close(connection) }
            return
        }
        arrivals.append(Arrival(connection: connection, bytes: ByteView(rebasing: room[..<length])))
        // The next one begins in a line of the processor's cache of its own.
        filled += (length + 63) & ~63
        // There may be more: to be told of it in a turn of its own, so that nobody keeps the others waiting.
        if length == Self.receiveBytes { poller.change(connection.token, connection.interest) }
    }

    private func finishArrivals() {
        serveArrivals()
        sendAnswers()
    }

    private func serveArrivals() {
        guard !arrivals.isEmpty else { return }
        swap(&arrivals, &serving)
        let keys = serving.count > 1 ? endpoints.verifier.foresee(serving.map(\.bytes)) : []
        for (index, arrival) in serving.enumerated() {
            foreseen = keys.isEmpty ? nil : keys[index]
            if writer.output.count > 16_384 { sendAnswers() }
            serve(arrival)
        }
        foreseen = nil
        filled = 0
        serving.removeAll(keepingCapacity: true)
    }

    private func serve(_ arrival: Arrival) {
        let (connection, bytes) = (arrival.connection, arrival.bytes)
        switch connection.stage {
        case .lingering, .closed: return
        case .deciding: connection.input += bytes
        case .reading where connection.input.isEmpty && connection.output.isEmpty:
            let consumed = serve(connection, bytes)
            if consumed < bytes.count { connection.input = Array(bytes[consumed...]) }
            turns.append(Turn(connection: connection, end: writer.output.count))
        case .reading:
            sendAnswers()
            connection.input += bytes
            serveInput(connection)
            settle(connection)
        }
    }

    private func writable(_ connection: Connection) {
        let rest = connection.output.withUnsafeBytes { send(connection, $0) }
        guard let rest else { return close(connection) }
        connection.output.removeFirst(connection.output.count - rest)
        if connection.isReading { serveInput(connection) }
        settle(connection)
    }

    /// Sends what was written for the connection; what the kernel does not take is kept.
    func flush(_ connection: Connection) {
        guard turns.isEmpty else {
            // Before the end of a turn: the answers of others stand in front.
            let own = Array(writer.output.bytes[(turns.last?.end ?? 0)...])
            sendAnswers()
            return own.withUnsafeBytes { transmit(connection, $0) }
        }
        transmit(connection, writer.output.bytes)
        writer.removeAll()
    }

    private func transmit(_ connection: Connection, _ bytes: UnsafeRawBufferPointer) {
        // A connection that was reset since its turn is closed, and its descriptor may be another client's by now.
        guard connection.isOpen, !bytes.isEmpty else { return }
        guard connection.output.isEmpty else {
            connection.output += bytes
            return
        }
        guard let rest = send(connection, bytes) else { return close(connection) }
        if rest > 0 { connection.output = Array(bytes.suffix(rest)) }
    }

    /// - Returns: how many bytes are left; nil where the connection is gone.
    private func send(_ connection: Connection, _ bytes: UnsafeRawBufferPointer) -> Int? {
        guard !bytes.isEmpty else { return 0 }
        let sent = Glibc.send(connection.token.descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        if sent >= 0 { return bytes.count - sent }
        return errno == EAGAIN || errno == EINTR ? bytes.count : nil
    }

    // MARK: Waiting

    func wait(_ connection: Connection, for reason: Connection.Waiting) {
        connection.wait(for: reason, until: now + limits.limit(of: reason))
        nextDeadline = min(nextDeadline, connection.deadline)
    }

    func watch(_ connection: Connection, _ interest: Poller.Interest) {
        guard connection.interest != interest else { return }
        connection.interest = interest
        poller.change(connection.token, interest)
    }

    private func expire() {
        for connection in connections {
            if let connection, connection.deadline <= now { expired(connection) }
        }
        nextDeadline = connections.reduce(.max) { min($0, $1?.deadline ?? .max) }
    }
}
