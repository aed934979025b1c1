import KeybearerAdministration
import KeybearerCluster
import KeybearerVerification
import Testing

@testable import KeybearerStore

/// The protocol's statements on a real server, where locks and snapshots are what they are.
@Suite struct `Nodes on PostgreSQL` {
    private static let lease = Span.seconds(5)

    private static func database(_ fixture: ContractFixture) throws -> PostgreSQLDatabase {
        guard let database = fixture.database as? PostgreSQLDatabase else { throw ContractFixture.BadFixture() }
        return database
    }

    private static func view(_ database: PostgreSQLDatabase, _ revisions: Set<Int64> = []) async throws -> ClusterView {
        try await database.send(.look(for: revisions))
    }

    @Test(arguments: Backend.postgreSQL)
    func `a renewal reads the log from the last applied change on, and every link holds`(
        _ backend: Backend
    ) async throws {
        let fixture = try await ContractFixture(backend)
        let database = try Self.database(fixture)
        let id = NodeID(high: 1, low: .max)
        let (now, place) = (ContractFixture.start, try await fixture.database.read { try LogPlace.end($0) })
        #expect(try await database.send(.register(id, name: "a", lease: Self.lease, at: now)))
        let key = try fixture.key()
        try await fixture.write(.insertKey(key))
        try await fixture.write(.updateUser(fixture.user), .updateOrganization(fixture.organization))
        let renewal = try await database.send(.renew(id, renewal: 0, applied: place.revision, at: now))
        let rows = try #require(renewal.rows)
        #expect(rows.map(\.revision) == Array(place.revision...place.revision + 3))
        #expect(rows.first?.link == place.link)
        #expect(
            rows.dropFirst().map(\.effect) == [.key(key.digest), .everything, .organization(fixture.organization.id)])
        for (row, next) in zip(rows, rows.dropFirst()) { #expect(next.stands(behind: row.link)) }
        #expect(rows[1].stands(behind: rows[2].link) == false)
    }

    @Test(arguments: Backend.postgreSQL)
    func `A40 of two processes with one name only the one that renewed last goes on`(_ backend: Backend) async throws {
        let fixture = try await ContractFixture(backend)
        let database = try Self.database(fixture)
        let (id, now) = (NodeID(high: 0, low: 1), ContractFixture.start)
        #expect(try await database.send(.register(id, name: "a", lease: Self.lease, at: now)))
        #expect(try await database.send(.renew(id, renewal: 0, applied: 1, at: now)).rows != nil)
        #expect(try await database.send(.renew(id, renewal: 0, applied: 1, at: now)).rows == nil)
        #expect(try await !database.send(.acknowledge(id, renewal: 0, applied: 1)))
        #expect(try await database.send(.acknowledge(id, renewal: 1, applied: 1)))
    }

    @Test(arguments: Backend.postgreSQL)
    func `who follows reads what a renewal would, renews nothing, and only under a name of its own`(
        _ backend: Backend
    ) async throws {
        let fixture = try await ContractFixture(backend)
        let database = try Self.database(fixture)
        let (id, now) = (NodeID(high: 0, low: 1), ContractFixture.start)
        #expect(try await database.send(.register(id, name: "a", lease: Self.lease, at: now)))
        let place = try await fixture.database.read { try LogPlace.end($0) }
        try await fixture.write(.insertKey(try fixture.key()))
        let followed = try await database.send(.follow(id, renewal: 0, applied: place.revision))
        #expect(try await Self.view(database).rows.map(\.renewal) == [0])
        let renewed = try await database.send(.renew(id, renewal: 0, applied: place.revision, at: now))
        #expect(followed.rows?.map(\.link) == renewed.rows?.map(\.link))
        #expect(followed.rows?.count == 2)
        #expect(try await database.send(.follow(id, renewal: 0, applied: place.revision)).rows == nil)
        #expect(try await database.send(.acknowledge(id, renewal: 1, applied: place.revision + 1)))
        #expect(try await Self.view(database).rows.map(\.acknowledged) == [place.revision + 1])
        try await database.send(.bury(id, renewal: 1, at: now))
        #expect(try await database.send(.follow(id, renewal: 1, applied: place.revision)).rows == nil)
    }

    @Test(arguments: Backend.postgreSQL)
    func `a dead node is fenced for good, and one that renewed meanwhile is not dead`(_ backend: Backend) async throws {
        let fixture = try await ContractFixture(backend)
        let database = try Self.database(fixture)
        let (id, now) = (NodeID(high: 0, low: 1), ContractFixture.start)
        #expect(try await database.send(.register(id, name: "a", lease: Self.lease, at: now)))
        _ = try await database.send(.renew(id, renewal: 0, applied: 0, at: now))
        try await database.send(.bury(id, renewal: 0, at: now))
        #expect(try await Self.view(database).rows.map(\.renewal) == [1])
        try await database.send(.bury(id, renewal: 1, at: now))
        #expect(try await Self.view(database).rows.isEmpty)
        #expect(try await database.send(.renew(id, renewal: 1, applied: 0, at: now)).rows == nil)
        #expect(try await !database.send(.acknowledge(id, renewal: 1, applied: 0)))
        try await database.send(.bury(id, renewal: 9, at: now.adding(seconds: 3601)))
        #expect(try await fixture.database.read { try $0.rows("SELECT id FROM cluster_node", []) }.isEmpty)
    }

    @Test(arguments: Backend.postgreSQL)
    func `a revoke sees who has not acknowledged, and whether the log still holds its change`(
        _ backend: Backend
    ) async throws {
        let fixture = try await ContractFixture(backend)
        let database = try Self.database(fixture)
        let (first, second, now) = (NodeID(high: 0, low: 1), NodeID(high: 0, low: 2), ContractFixture.start)
        for (id, name) in [(first, "a"), (second, "b")] {
            #expect(try await database.send(.register(id, name: name, lease: Self.lease, at: now)))
        }
        try await fixture.write(.insertKey(try fixture.key()))
        let place = try await fixture.database.read { try LogPlace.end($0) }
        _ = try await database.send(.renew(first, renewal: 0, applied: place.revision, at: now))
        let view = try await Self.view(database, [place.revision])
        #expect(view.rows.filter { $0.acknowledged < place.revision }.map(\.id) == [second])
        #expect(view.nodes.map(\.name) == ["a", "b"])
        #expect(view.holds(place))
        #expect(view.timeline == "00000001")
        let other = Position(revision: place.revision, link: [UInt8](repeating: 7, count: 32))
        #expect(try await !Self.view(database, [other.revision]).holds(other))
        try await database.send(.withdraw(second, renewal: 1))
        #expect(try await Self.view(database).rows.map(\.id) == [first, second], "the row of one that renewed since")
        try await database.send(.withdraw(second, renewal: 0))
        #expect(try await Self.view(database).rows.map(\.id) == [first])
    }

    @Test(arguments: Backend.postgreSQL)
    func `the reaper cannot come between a renewal's guard and its reading`(_ backend: Backend) async throws {
        let fixture = try await ContractFixture(backend)
        let database = try Self.database(fixture)
        let now = ContractFixture.start
        for number in 1...30 {
            let id = NodeID(high: 0, low: UInt64(number))
            #expect(try await database.send(.register(id, name: "a", lease: Self.lease, at: now)))
            async let renewal = database.send(.renew(id, renewal: 0, applied: 0, at: now))
            async let burial: Void = database.send(.bury(id, renewal: 0, at: now))
            let isRenewed = try await renewal.rows != nil
            try await burial
            let isAlive = try await Self.view(database).rows.contains { $0.id == id }
            #expect(isRenewed == isAlive)
        }
    }
}
