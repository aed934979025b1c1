import KeybearerAdministration

extension PostgreSQLLink {
    /// How often a transaction is run again that lost against another one.
    private static let attempts = 4

    /// Writes in a transaction.
    ///
    /// - Parameter finish: gets the rows of the last statement before COMMIT.
    /// - Throws: what `body` throws; `PostgreSQLError`; `CommitUnknown`.
    func write<Result>(
        deadline: ContinuousClock.Instant, _ body: (PostgreSQLConnection) throws -> Result,
        then finish: (Result, [SQLRow]) throws -> Result = { result, _ in result }
    ) throws -> Result {
        try attempt(.writing, deadline: deadline) { connection in
            let result = try body(connection)
            return try finish(result, try connection.commit())
        }
    }

    /// Reads from one snapshot. That the transaction has ended is not waited for, since it says nothing about what was
    /// read; but its end is sent before that is given away, so that what follows finds this link free, and not a colder
    /// one.
    ///
    /// - Throws: what `body` throws; `PostgreSQLError`. Nothing was given to `receive` then.
    @discardableResult
    func read<Result>(
        deadline: ContinuousClock.Instant, _ body: (PostgreSQLConnection) throws -> Result,
        then receive: (Result) -> Void = { _ in }
    ) throws -> Result {
        try attempt(.reading, deadline: deadline) { connection in
            let result = try body(connection)
            connection.end()
            receive(result)
            return result
        }
    }

    /// Runs `body` in a transaction, again where that lost against another.
    private func attempt<Result>(
        _ kind: PostgreSQLConnection.Kind, deadline: ContinuousClock.Instant,
        _ body: (PostgreSQLConnection) throws -> Result
    ) throws -> Result {
        var attempt = 1
        while true {
            let connection = PostgreSQLConnection(self, kind, deadline: deadline)
            do {
                return try body(connection)
            } catch {
                if !(error is CommitUnknown) { connection.rollback() }
                guard let failure = error as? PostgreSQLError, failure.deservesAnotherTry, attempt < Self.attempts,
                    isUsable
                else { throw error }
                attempt += 1
            }
        }
    }

    /// A transaction that only writes, in one message from BEGIN to COMMIT.
    func send<Answer>(_ message: ClusterMessage<Answer>, deadline: ContinuousClock.Instant) throws -> Answer {
        var rows: [SQLRow] = []
        try write(deadline: deadline) {
            try message.write($0)
        } then: { _, last in
            rows = last
        }
        return try message.read(rows)
    }
}

/// A connection of one thread's own, made anew where it was lost.
final class PostgreSQLSession {
    private let address: PostgreSQLAddress
    private let patience: Duration
    private var link: PostgreSQLLink?
    /// How often it was made.
    private(set) var connections = 0

    /// - Parameter patience: how long any call may take, connecting included.
    init(_ address: PostgreSQLAddress, patience: Duration) {
        self.address = address
        self.patience = patience
    }

    func send<Answer>(_ message: ClusterMessage<Answer>) throws -> Answer {
        let deadline = ContinuousClock.now.advanced(by: patience)
        return try current(deadline).send(message, deadline: deadline)
    }

    func read<Result>(_ body: (any Connection) throws -> Result) throws -> Result {
        let deadline = ContinuousClock.now.advanced(by: patience)
        return try current(deadline).read(deadline: deadline, { try body($0) })
    }

    func close() {
        link?.close()
        link = nil
    }

    private func current(_ deadline: ContinuousClock.Instant) throws -> PostgreSQLLink {
        if let link, link.isQuiet(deadline: deadline) { return link }
        link = nil
        let new = try PostgreSQLLink(address, deadline: deadline)
        connections += 1
        link = new
        return new
    }
}
