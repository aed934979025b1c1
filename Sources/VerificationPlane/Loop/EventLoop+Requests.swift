import Glibc
import KeybearerVerification

/// Bytes to requests, requests to answers in their order.
///
/// A request that memory can decide is answered before the next one is parsed; while one waits for the store nothing
/// more is read, so a client that pipelines is slowed down and not buffered.
extension EventLoop {
    /// Answers every whole request in the bytes.
    /// - Returns: how many bytes were consumed; the rest is to be shown again.
    func serve(_ connection: Connection, _ bytes: ByteView) -> Int {
        var position = 0
        while connection.isReading, connection.output.isEmpty {
            do throws(HTTPRefusal) {
                switch try connection.parser.next(bytes, at: &position, fields: fields) {
                case .incomplete:
                    if connection.parser.takeContinue() { writer.writeContinue() }
                    return position
                case .inPlace(let head, body: let body): respond(connection, head, body)
                case .gathered: try respondToGathered(connection)
                }
            } catch {
                refuse(connection, error)
                return bytes.count
            }
            if writer.output.bytes.count > 65_536 { flush(connection) }
        }
        return position
    }

    /// What has been kept of the input, once it can be served.
    func serveInput(_ connection: Connection) {
        guard !connection.input.isEmpty else { return }
        var input: [UInt8] = []
        swap(&input, &connection.input)
        let consumed = input.withUnsafeBufferPointer { serve(connection, $0) }
        input.removeFirst(consumed)
        connection.input = input
    }

    /// After a connection's turn: sends what was written, and says what is waited for now.
    func settle(_ connection: Connection) {
        flush(connection)
        switch connection.stage {
        case .closed: return
        case .deciding: watch(connection, connection.output.isEmpty ? [] : .output)
        case .lingering: isSent(connection)
        case .reading where !connection.output.isEmpty:
            wait(connection, for: .idle)
            watch(connection, .output)
        case .reading where connection.inputHasEnded: finish(connection)
        case .reading:
            watch(connection, .input)
            switch connection.parser.stage {
            case .betweenRequests: wait(connection, for: .idle)
            case .head: wait(connection, for: .head)
            case .body: wait(connection, for: .body)
            }
        }
    }

    private func respondToGathered(_ connection: Connection) throws(HTTPRefusal) {
        let (head, body) = connection.parser.gathered
        let result = head.withUnsafeBufferPointer { head in
            body.withUnsafeBufferPointer { body in
                Result<Void, HTTPRefusal> { () throws(HTTPRefusal) in
                    respond(connection, try RequestHead(parsing: head, into: fields), body)
                }
            }
        }
        try result.get()
    }

    private func respond(_ connection: Connection, _ head: consuming RequestHead, _ body: ByteView) {
        connection.isServed()
        let closes = isDraining || !head.keepsAlive
        let exchange = Exchange(
            head: head, body: body, peer: connection.peer, id: connection.ids.next(), foreseen: foreseen,
            time: wallTime,
            closes: closes)
        let (isHead, keepsAlive) = (exchange.head.isHead, exchange.head.keepsAlive)
        switch endpoints.respond(to: exchange, &memory, &writer) {
        case .written: if closes { connection.stage = .lingering }
        case .answer(let response):
            answer(connection, response, exchange.id, isHead: isHead, keepsAlive: keepsAlive)
        case .pending(let decision):
            connection.decisions += 1
            let awaited = Connection.Awaited(
                number: connection.decisions, id: exchange.id, isHead: isHead, keepsAlive: keepsAlive)
            connection.stage = .deciding(awaited)
            wait(connection, for: .decision)
            // Its end is the message that the connection waits for, at most until its deadline.
            Task { [inbox, token = connection.token] in
                inbox.post(.decided(token, number: awaited.number, await decision()))
            }
        }
    }

    /// The decision of a request that had to wait. One that comes after its deadline is dropped.
    func decided(_ connection: Connection, _ number: Int, _ response: Response) {
        guard case .deciding(let awaited) = connection.stage, awaited.number == number else { return }
        connection.stage = .reading
        answer(connection, response, awaited.id, isHead: awaited.isHead, keepsAlive: awaited.keepsAlive)
        serveInput(connection)
        settle(connection)
    }

    private func answer(
        _ connection: Connection, _ response: Response, _ id: RequestID, isHead: Bool, keepsAlive: Bool
    ) {
        let closes = isDraining || !keepsAlive
        writer.write(response, id: id, at: wallTime, omitsBody: isHead, closes: closes)
        if closes { connection.stage = .lingering }
    }

    private func refuse(_ connection: Connection, _ refusal: HTTPRefusal) {
        let id = connection.ids.next()
        writer.write(Response(refusal, id: id), id: id, at: wallTime, omitsBody: false, closes: true)
        connection.stage = .lingering
    }

    // MARK: Ends

    func inputEnds(_ connection: Connection) {
        connection.inputHasEnded = true
        switch connection.stage {
        case .reading: settle(connection)
        case .lingering: close(connection)
        case .deciding: watch(connection, connection.interest.subtracting(.input))
        case .closed: return
        }
    }

    func finish(_ connection: Connection) {
        connection.stage = .lingering
        settle(connection)
    }

    /// Ends the connection in two steps once the last answer is sent: a connection that is closed while the client
    /// still sends is reset, and the reset can overtake the answer.
    private func isSent(_ connection: Connection) {
        guard connection.output.isEmpty else {
            wait(connection, for: .idle)
            return watch(connection, .output)
        }
        guard !connection.inputHasEnded else { return close(connection) }
        shutdown(connection.token.descriptor, Int32(SHUT_WR))
        wait(connection, for: .linger)
        watch(connection, .input)
    }

    func expired(_ connection: Connection) {
        switch connection.waiting {
        case .head, .body:
            refuse(connection, .tooSlow)
            settle(connection)
        case .decision:
            guard case .deciding(let awaited) = connection.stage else { return close(connection) }
            connection.stage = .reading
            answer(
                connection, Endpoints.outOfTime(awaited.id), awaited.id, isHead: awaited.isHead,
                keepsAlive: false)
            settle(connection)
        case .idle, .linger: close(connection)
        }
    }
}
