import KeybearerAdministration
import KeybearerVerification

/// What a driver has to offer: transactions over a connection. Two drivers share every statement of the store.
protocol Database: Sendable {
    /// Runs `body` in a transaction that sees one state and writes nothing.
    ///
    /// - Throws: what `body` throws; on SQLite `CancellationError` where the task was cancelled before.
    func read<Result: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> Result) async throws -> Result

    /// The same for what reads a few rows and ends: on SQLite over the connection that writes, where nobody does, since
    /// that one knows the pages that were last written and read.
    func glance<Result: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> Result) async throws -> Result

    /// Runs `body` in a write transaction; commits when it returns, rolls back when it throws. SQLite has only one of
    /// them at a time; on PostgreSQL `body` excludes others where it says so, and may be run again when it lost
    /// against one.
    ///
    /// - Parameter committed: called once with what `body` returned, right after the commit and on its thread. From the
    ///   commit until memory reflects it every verification has to ask, so nothing is waited for in between. What was
    ///   committed together is told one after the other, and memory reflects the commit after the last.
    /// - Throws: what `body` throws; `CommitUnknown` where it cannot be told whether the commit took place; on SQLite
    ///   `CancellationError` where the task was cancelled before it waited for its turn.
    func write<Result: Sendable>(
        _ body: @escaping @Sendable (any Connection) throws -> Result,
        then committed: @escaping @Sendable (_ result: Result, _ isLast: Bool) -> Void
    ) async throws -> Result

    /// A write transaction that is part of the change log: as its last act it appends what `body` returns.
    func change<Result: Sendable>(
        at now: Timestamp, _ body: @escaping @Sendable (any Connection) throws -> (Result, [CacheEffect]),
        then committed: @escaping @Sendable (_ change: Changed<Result>, _ isLast: Bool) -> Void
    ) async throws -> Changed<Result>
}

extension Database {
    func glance<Result: Sendable>(
        _ body: @escaping @Sendable (any Connection) throws -> Result
    ) async throws -> Result {
        try await read(body)
    }

    func write<Result: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> Result) async throws -> Result {
        try await write(body) { _, _ in }
    }
}

/// What a change came to.
struct Changed<Result: Sendable>: Sendable {
    let result: Result
    /// Of its last row in the change log; the link is empty on SQLite, whose log has none.
    let place: LogPlace
}

/// One open transaction. SQL is `StaticString`, so that nothing a client sent can become part of a statement.
protocol Connection {
    func rows(_ sql: StaticString, _ arguments: [SQLValue]) throws -> [SQLRow]

    /// The same, and remembers the answer under what else asks for it, where that saves asking.
    func rows(_ question: SQLQuestion) throws -> [SQLRow]

    /// Writes, at the latest when the transaction commits; a refusal by the schema may come that late too.
    func run(_ sql: StaticString, _ arguments: [SQLValue]) throws

    /// Keeps other write transactions from deciding about the same until this one ends.
    func exclude(_ subject: Exclusion) throws

    /// Whether questions that are said beforehand are answered sooner.
    var gainsByForesight: Bool { get }

    /// Says what will be asked. Nothing is answered before all of `exclusions` hold.
    func expect(_ questions: [SQLQuestion], under exclusions: [Exclusion]) throws
}

extension Connection {
    func rows(_ question: SQLQuestion) throws -> [SQLRow] { try rows(question.sql, question.arguments) }
    var gainsByForesight: Bool { false }
    func expect(_ questions: [SQLQuestion], under exclusions: [Exclusion]) {}

    func row(_ sql: StaticString, _ arguments: [SQLValue]) throws -> SQLRow? { try rows(sql, arguments).first }
}

/// A statement that reads, with its arguments.
struct SQLQuestion: Hashable, Sendable {
    let sql: StaticString
    let arguments: [SQLValue]
    /// The question that has the same answer, where it takes what only the answer tells; no part of what this one is.
    let sameAs: (@Sendable (SQLRow) -> SQLQuestion)?

    init(_ sql: StaticString, _ arguments: [SQLValue], sameAs: (@Sendable (SQLRow) -> SQLQuestion)? = nil) {
        self.sql = sql
        self.arguments = arguments
        self.sameAs = sameAs
    }

    /// A statement is a literal of the program's and stays where it is; another place may only mean that it is asked twice.
    static func == (one: SQLQuestion, other: SQLQuestion) -> Bool {
        one.sql.utf8Start == other.sql.utf8Start && one.arguments == other.arguments
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(sql.utf8Start)
        hasher.combine(arguments)
    }
}

/// The commit's answer never came: it may or may not have taken place.
struct CommitUnknown: Error {}

/// What a column holds. Times are microseconds, identifiers their text.
enum SQLValue: Sendable, Hashable {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])
}

/// One row, its columns by position as the statement names them.
struct SQLRow: Sendable {
    let values: [SQLValue]
}

/// A value in the database that the schema should have made impossible.
struct CorruptRow: Error {
    let column: Int
}
