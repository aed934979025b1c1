import Foundation
import GRDB

/// The books of one workspace. Every statement here names it, and nothing else in the program reads or writes these
/// tables: what belongs to another workspace cannot be asked for.
struct WorkspaceBooks: Sendable {
    let database: DatabasePool
    let workspace: Workspace

    init(_ books: Books, _ workspace: Workspace) {
        database = books.database
        self.workspace = workspace
    }

    // MARK: People

    func members() async throws -> [Member] {
        let id = workspace.id
        return try await database.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT person.id, email, person.name, role FROM membership JOIN person ON person.id = person_id
                    WHERE workspace_id = ? ORDER BY person.name
                    """, arguments: [id]
            ).map(Member.init)
        }
    }

    /// Ends the membership; what the person has open shows this workspace no more.
    func remove(_ member: Member) async throws {
        let id = workspace.id
        try await database.write { db in
            try db.execute(
                sql: "DELETE FROM membership WHERE workspace_id = ? AND person_id = ?",
                arguments: [id, member.personID])
        }
    }

    // MARK: Customers

    func customers(_ page: PageOfList) async throws -> Listed<Customer> {
        let id = workspace.id
        return try await database.read { db in
            let total = try Int.fetchOne(
                db, sql: "SELECT count(*) FROM customer WHERE workspace_id = ?", arguments: [id])
            let rows = try Row.fetchAll(
                db, sql: "SELECT * FROM customer WHERE workspace_id = ? ORDER BY name, id LIMIT ? OFFSET ?",
                arguments: [id, page.limit, page.offset])
            return Listed(data: rows.map(Customer.init), page: page, total: total ?? 0)
        }
    }

    func customer(_ customer: String) async throws -> Customer? {
        let id = workspace.id
        return try await database.read { try Self.customer(customer, of: id, $0) }
    }

    func addCustomer(_ draft: CustomerDraft) async throws -> Customer {
        let id = workspace.id
        return try await database.write { db in
            let customer = Identifier.make("cus")
            try db.execute(
                sql: "INSERT INTO customer (workspace_id, id, name, email, created_at) VALUES (?, ?, ?, ?, ?)",
                arguments: [id, customer, draft.name, draft.email, Moment.now])
            return try Self.customer(customer, of: id, db).unwrapped()
        }
    }

    /// - Returns: nil where there is no such customer here.
    func change(_ customer: String, to draft: CustomerDraft) async throws -> Customer? {
        let id = workspace.id
        return try await database.write { db in
            try db.execute(
                sql: "UPDATE customer SET name = ?, email = ? WHERE workspace_id = ? AND id = ?",
                arguments: [draft.name, draft.email, id, customer])
            return try Self.customer(customer, of: id, db)
        }
    }

    static func customer(_ customer: String, of workspace: Int64, _ db: Database) throws -> Customer? {
        try Row.fetchOne(
            db, sql: "SELECT * FROM customer WHERE workspace_id = ? AND id = ?", arguments: [workspace, customer]
        ).map(Customer.init)
    }
}

/// Which part of a list: pages count from 1.
struct PageOfList: Sendable {
    let page: Int
    let limit: Int

    var offset: Int { (page - 1) * limit }
}

/// One page of a list.
struct Listed<Item: Sendable>: Sendable {
    let data: [Item]
    let page: PageOfList
    /// Of all pages.
    let total: Int

    var hasMore: Bool { page.page * page.limit < total }
}

enum Identifier {
    /// 20 letters and digits behind the kind: 103 random bits.
    static func make(_ kind: String) -> String {
        let letters = Array("0123456789abcdefghijklmnopqrstuvwxyz")
        return kind + "_" + String((0..<20).map { _ in letters[Int.random(in: 0..<letters.count)] })
    }
}

/// Times are seconds since the Unix epoch.
enum Moment {
    static var now: Int64 { Int64(Date().timeIntervalSince1970) }

    static func text(_ seconds: Int64) -> String {
        Date(timeIntervalSince1970: TimeInterval(seconds)).formatted(.iso8601)
    }

    static var today: String { String(text(now).prefix(10)) }
}

/// A row that was written a moment ago in the same transaction is not there.
struct RowIsGone: Error {}

extension Optional {
    func unwrapped() throws -> Wrapped {
        guard let self else { throw RowIsGone() }
        return self
    }
}
