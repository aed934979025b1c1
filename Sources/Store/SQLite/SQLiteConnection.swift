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
        let question = SQLQuestion(sql, arguments)
        if let known = answers.first(where: { $0.question == question }) { return known.row.map { [$0] } ?? [] }
        let rows = try statements.run(sql, arguments)
        // Those who are asked about again are a caller, an organization, a role: never a list.
        if rows.count <= 1, answers.count < 16 { answers.append((question, rows.first)) }
        return rows
    }

    func run(_ sql: StaticString, _ arguments: [SQLValue]) throws {
        answers.removeAll(keepingCapacity: true)
        try statements.run(sql, arguments)
    }

    /// The one writer excludes all others already.
    func exclude(_ subject: Exclusion) {}
}
