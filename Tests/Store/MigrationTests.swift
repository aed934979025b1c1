import Foundation
import GRDB
import Testing

@testable import KeybearerStore

@Suite struct `Migration of a file` {
    /// The change log is made anew in the fifth step; nodes and memory go by its numbers.
    @Test func `A36 the change log keeps its rows and its numbers, and refuses what it refused`() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("migration-\(UUID().uuidString)")
        defer { do { try FileManager.default.removeItem(at: folder) } catch {} }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let path = folder.appendingPathComponent("k.sqlite").path
        let before = try DatabaseQueue(path: path)
        try await before.write { database in
            for statement in Migrations.steps.prefix(4).flatMap({ $0 }) { try database.execute(sql: "\(statement)") }
            try database.execute(
                sql: """
                    INSERT INTO change_log (seq, at, effect, digest) VALUES (7, 1, 'key', x'aa'), (9, 2, 'none', NULL);
                    PRAGMA user_version = 4
                    """)
        }
        try before.close()

        let database = try SQLiteDatabase(path: path, mode: .server)
        let rows = try await database.read { connection in
            try connection.rows("SELECT seq, at, effect, digest FROM change_log ORDER BY seq", []).map(\.values)
        }
        #expect(
            rows == [
                [.integer(7), .integer(1), .text("key"), .blob([0xaa])],
                [.integer(9), .integer(2), .text("none"), .null],
            ])
        #expect(try await database.read { try $0.lastRevision() } == 9)
        await #expect(throws: DatabaseError.self) {
            try await database.write {
                try $0.run("INSERT INTO change_log (seq, at, effect) VALUES (10, 3, 'any')", [])
            }
        }
        for effect in ["none", "key", "organization", "everything"] {
            try await database.write {
                try $0.run(
                    "INSERT INTO change_log (seq, at, effect) SELECT max(seq) + 1, 3, $1 FROM change_log",
                    [.text(effect)])
            }
        }
    }
}
