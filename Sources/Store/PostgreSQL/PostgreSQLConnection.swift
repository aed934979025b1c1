import KeybearerAdministration
import KeybearerVerification

/// One transaction on a link. What is only written waits until an answer is needed, and then travels with the
/// question; what an operation writes travels with its COMMIT. So a process that is stopped in the middle holds
/// row locks at most, for as long as `idle_in_transaction_session_timeout` lets it, and never the log's lock.
final class PostgreSQLConnection: Connection {
    enum Kind { case reading, writing }

    private let link: PostgreSQLLink
    private let kind: Kind
    private let deadline: ContinuousClock.Instant
    private var waiting: [PostgreSQLStatement]
    private var hasBegun: Bool { exchanges > 0 }
    /// How many messages the server has answered, or was to answer.
    private(set) var exchanges = 0
    private var excluded: Set<Exclusion> = []
    /// Questions that were said beforehand, with their places in `waiting`, and what was answered to such ones.
    private var expected: [SQLQuestion: Int] = [:]
    private var answered: [SQLQuestion: [SQLRow]] = [:]

    init(_ link: PostgreSQLLink, _ kind: Kind, deadline: ContinuousClock.Instant) {
        self.link = link
        self.kind = kind
        self.deadline = deadline
        waiting = [
            kind == .writing
                ? PostgreSQLStatement("BEGIN ISOLATION LEVEL READ COMMITTED")
                : PostgreSQLStatement("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        ]
    }

    func rows(_ sql: StaticString, _ arguments: [SQLValue]) throws -> [SQLRow] {
        if !expected.isEmpty || !answered.isEmpty {
            let question = SQLQuestion(sql, arguments)
            if expected[question] != nil { _ = try exchange() }
            if let rows = answered[question] { return rows }
        }
        waiting.append(PostgreSQLStatement(sql, arguments))
        return try exchange().last?.rows ?? []
    }

    func run(_ sql: StaticString, _ arguments: [SQLValue]) throws {
        forgetAnswers()
        waiting.append(PostgreSQLStatement(sql, arguments))
    }

    func exclude(_ subject: Exclusion) throws {
        guard kind == .writing, excluded.insert(subject).inserted else { return }
        forgetAnswers()
        waiting.append(subject.statement)
    }

    var gainsByForesight: Bool { true }

    func expect(_ questions: [SQLQuestion], under exclusions: [Exclusion]) throws {
        for exclusion in exclusions { try exclude(exclusion) }
        for question in questions where answered[question] == nil && expected[question] == nil {
            expected[question] = waiting.count
            waiting.append(PostgreSQLStatement(question.sql, question.arguments))
        }
    }

    /// What was read before a write, or before others were excluded, may not be what would be read now.
    private func forgetAnswers() {
        expected = [:]
        answered = [:]
    }

    /// Ends the transaction for good: everything that waits and COMMIT, in one message. A statement that is all there is
    /// travels alone, since it is a transaction by itself.
    ///
    /// - Returns: the rows of the last statement before COMMIT.
    /// - Throws: `PostgreSQLError` where nothing was written; `CommitUnknown` where nobody can tell.
    func commit() throws -> [SQLRow] {
        guard hasBegun || waiting.count > 1 else { return [] }
        let isAlone = !hasBegun && waiting.count == 2
        if isAlone { waiting.removeFirst() } else { waiting.append(PostgreSQLStatement("COMMIT")) }
        let warnings = link.warningCount
        let answers: [PostgreSQLLink.Answer]
        do {
            answers = try exchange()
        } catch let error as PostgreSQLError {
            switch error {
            case .refused:
                throw error
            case .unreachable, .deadline, .invalidURL:
                if kind == .writing { throw CommitUnknown() }
                throw error
            }
        }
        guard isAlone || answers.last?.command == "COMMIT" else {
            throw PostgreSQLError.refused(state: "25P02", message: "the transaction had failed before")
        }
        // A wait for the synchronous standby that was cancelled ends in a commit with a warning: durable on a server
        // that may be lost (https://www.postgresql.org/docs/current/warm-standby.html#SYNCHRONOUS-REPLICATION).
        guard kind == .reading || link.warningCount == warnings else { throw CommitUnknown() }
        return (isAlone ? answers.last : answers.dropLast().last)?.rows ?? []
    }

    /// Ends a transaction that has only read, without waiting for the server's word. Never throws: a link that cannot do
    /// it is closed, which does the same.
    func end() {
        guard hasBegun else { return }
        waiting = []
        link.post([PostgreSQLStatement("COMMIT")], deadline: deadline)
    }

    /// Gives up what was written. Never throws: a link that cannot do it is closed, which does the same.
    func rollback() {
        waiting = []
        guard hasBegun, link.isUsable else { return }
        do {
            _ = try link.exchange([PostgreSQLStatement("ROLLBACK")], deadline: deadline)
        } catch {
            link.close()
        }
    }

    private func exchange() throws -> [PostgreSQLLink.Answer] {
        let (statements, expected) = (waiting, expected)
        (waiting, self.expected) = ([], [:])
        exchanges += 1
        let answers = try link.exchange(statements, deadline: deadline)
        for (question, place) in expected where answers.indices.contains(place) {
            let rows = answers[place].rows
            answered[question] = rows
            if let row = rows.first, let same = question.sameAs?(row) { answered[same] = rows }
        }
        return answers
    }
}

extension Exclusion {
    /// Locks by row where there is one, so that it can be seen in `pg_locks`; by number elsewhere.
    fileprivate var statement: PostgreSQLStatement {
        switch self {
        case .organization(let id):
            PostgreSQLStatement("SELECT 1 FROM organization WHERE id = $1 FOR NO KEY UPDATE", [.text(id)])
        case .organizationNamed(let slug):
            PostgreSQLStatement(
                "SELECT 1 FROM organization WHERE slug = $1 AND deleted_at IS NULL FOR NO KEY UPDATE", [.text(slug)])
        case .chain(let chain): Self.numbered(1, chain.description)
        case .person(let id): Self.numbered(2, id.description)
        case .secret(let digest): Self.numbered(3, digest.hex)
        case .retention: Self.numbered(4, "retention")
        }
    }

    /// The two-number space of advisory locks; the change log's lock is in the other space.
    private static func numbered(_ space: Int64, _ name: String) -> PostgreSQLStatement {
        PostgreSQLStatement(
            "SELECT pg_advisory_xact_lock($1::integer, hashtext($2))", [.integer(space), .text(name)])
    }
}
