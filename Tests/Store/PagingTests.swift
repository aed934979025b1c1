import Foundation
import GRDB
import KeybearerAdministration
import KeybearerVerification
import Testing

@testable import KeybearerStore

@Suite struct `Paging` {
    /// Asked of SQLite itself, for every paged statement in the sources.
    @Test func `a page starts at its own index entry, however many pages came before`() async throws {
        let fixture = try await StoreFixture()
        let queries = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Sources/Store/Queries")
        var paged: [String] = []
        for file in try FileManager.default.contentsOfDirectory(at: queries, includingPropertiesForKeys: nil) {
            paged += try String(contentsOf: file, encoding: .utf8)
                .split(separator: "\"\"\"", omittingEmptySubsequences: false).enumerated()
                .filter { !$0.offset.isMultiple(of: 2) && $0.element.contains(#/DESC LIMIT \$/#) }
                // A person's own order is found by position, over an index that covers it.
                .filter { !$0.element.contains("OFFSET") }
                .map { String($0.element) }
        }
        #expect(paged.count >= 7)
        for statement in paged {
            let names = statement.matches(of: #/\$([0-9])/#).map { String($0.output.1) }
            let arguments = StatementArguments(Dictionary(names.map { ($0, 1) }, uniquingKeysWith: { one, _ in one }))
            let plan = try await fixture.database.pool.read { database in
                try Row.fetchAll(database, sql: "EXPLAIN QUERY PLAN \(statement)", arguments: arguments)
                    .map { $0["detail"] as String }
            }
            #expect(plan.contains { $0.contains(#/\b(id|user_id|position)<\?/#) }, "\(plan): \(statement)")
            #expect(!plan.contains { $0.contains("TEMP B-TREE") }, "\(plan): \(statement)")
        }
    }

    @Test func `digests are read from their index alone`() async throws {
        let fixture = try await StoreFixture()
        let plan = try await fixture.database.pool.read { database in
            try Row.fetchAll(
                database,
                sql: "EXPLAIN QUERY PLAN SELECT digest FROM api_key WHERE digest > x'00' ORDER BY digest LIMIT 10"
            )
            .map { $0["detail"] as String }
        }
        #expect(plan.count == 1 && plan[0].contains("COVERING INDEX"), "\(plan)")
    }

    @Test func `old events are found from the oldest on, by their identifiers alone`() async throws {
        let fixture = try await StoreFixture()
        let source = try String(
            contentsOf: URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().appendingPathComponent("Sources/Store/Queries/RetentionQueries.swift"),
            encoding: .utf8)
        let statement = try #require(
            source.split(separator: "\"\"\"").first { $0.contains("FROM audit_event e LEFT JOIN audit_checkpoint") })
        let arguments: StatementArguments = ["1": "evt_1", "2": 1, "3": 1]
        let plan = try await fixture.database.pool.read { database in
            try Row.fetchAll(database, sql: "EXPLAIN QUERY PLAN \(statement)", arguments: arguments)
                .map { $0["detail"] as String }
        }
        #expect(plan.contains { $0.contains("id<?") } && !plan.contains { $0.contains("TEMP B-TREE") }, "\(plan)")
    }
}
