import GRDB

/// One open transaction of the embedded driver.
final class SQLiteConnection: Connection {
    private let statements: SQLiteStatements
    /// What was asked since this transaction last wrote. It sees one state, so the same question has the same answer.
    private var answers: [(question: SQLQuestion, row: SQLRow?)] = []

    init(_ statements: SQLiteStatements) { self.statements = statements }

    /// A snapshot of GRDB's, whose state is one as well.
    ///
    /// - Throws: `DatabaseError` where it is closed.
    convenience init(of snapshot: GRDB.Database) throws {
        guard let handle = snapshot.sqliteConnection else { throw DatabaseError(resultCode: .SQLITE_MISUSE) }
        self.init(SQLiteStatements(of: handle))
    }

    func rows(_ sql: StaticString, _ arguments: [SQLValue]) throws -> [SQLRow] {
        try rows(SQLQuestion(sql, arguments))
    }

    func rows(_ question: SQLQuestion) throws -> [SQLRow] {
        if let known = answers.first(where: { $0.question == question }) { return known.row.map { [$0] } ?? [] }
        let rows = try statements.run(question.sql, question.arguments)
        // Those who are asked about again are a caller, an organization, a role: never a list.
        guard rows.count <= 1, answers.count < 16 else { return rows }
        answers.append((question, rows.first))
        if let row = rows.first, let same = question.sameAs?(row) { answers.append((same, row)) }
        return rows
    }

    func run(_ sql: StaticString, _ arguments: [SQLValue]) throws {
        answers.removeAll(keepingCapacity: true)
        try statements.run(sql, arguments)
    }

    /// The one writer excludes all others already.
    func exclude(_ subject: Exclusion) {}
}
