import KeybearerAdministration
import KeybearerCluster
import KeybearerVerification
import Testing

@testable import KeybearerStore

/// The protocol's statements on a real server, where locks and snapshots are what they are.
@Suite struct `Nodes on PostgreSQL` {
    private static let lease = Span.seconds(5)

    private static func cluster(_ fixture: ContractFixture) throws -> PostgreSQLCluster {
        guard let database = fixture.database as? PostgreSQLDatabase else { throw ContractFixture.BadFixture() }
        return PostgreSQLCluster(database: database)
    }

    private static func rows(_ renewal: PostgreSQLCluster.Renewal) -> [LoggedChange]? {
        if case .rows(let rows) = renewal { rows } else { nil }
    }

    @Test(arguments: Backend.postgreSQL)
    func `a renewal reads the log from the last applied change on, and every link holds`(
        _ backend: Backend
    ) async throws {
        let fixture = try await ContractFixture(backend)
        let cluster = try Self.cluster(fixture)
        let id = NodeID(high: 1, low: .max)
        let (now, place) = (ContractFixture.start, try await fixture.database.read { try PostgreSQLCluster.place($0) })
        try await cluster.register(id, name: "a", lease: Self.lease, at: now)
        let key = try fixture.key()
        try await fixture.write(.insertKey(key))
        try await fixture.write(.updateUser(fixture.user), .updateOrganization(fixture.organization))
        let renewal = try await cluster.renew(id, renewal: 0, applied: place.revision, at: now)
        let rows = try #require(Self.rows(renewal))
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
        let cluster = try Self.cluster(fixture)
        let (id, now) = (NodeID(high: 0, low: 1), ContractFixture.start)
        try await cluster.register(id, name: "a", lease: Self.lease, at: now)
        #expect(Self.rows(try await cluster.renew(id, renewal: 0, applied: 1, at: now)) != nil)
        #expect(Self.rows(try await cluster.renew(id, renewal: 0, applied: 1, at: now)) == nil)
        #expect(try await !cluster.acknowledge(id, renewal: 0, applied: 1))
        #expect(try await cluster.acknowledge(id, renewal: 1, applied: 1))
    }

    @Test(arguments: Backend.postgreSQL)
    func `a dead node is fenced for good, and one that renewed meanwhile is not dead`(_ backend: Backend) async throws {
        let fixture = try await ContractFixture(backend)
        let cluster = try Self.cluster(fixture)
        let (id, now) = (NodeID(high: 0, low: 1), ContractFixture.start)
        try await cluster.register(id, name: "a", lease: Self.lease, at: now)
        _ = try await cluster.renew(id, renewal: 0, applied: 0, at: now)
        try await cluster.bury(id, renewal: 0, at: now)
        #expect(try await cluster.view().nodes.map(\.renewal) == [1])
        try await cluster.bury(id, renewal: 1, at: now)
        #expect(try await cluster.view().nodes.isEmpty)
        #expect(Self.rows(try await cluster.renew(id, renewal: 1, applied: 0, at: now)) == nil)
        #expect(try await !cluster.acknowledge(id, renewal: 1, applied: 0))
        try await cluster.bury(id, renewal: 9, at: now.adding(seconds: 3601))
        #expect(try await fixture.database.read { try $0.rows("SELECT id FROM cluster_node", []) }.isEmpty)
    }

    @Test(arguments: Backend.postgreSQL)
    func `a revoke sees who has not acknowledged, and whether the log still holds its change`(
        _ backend: Backend
    ) async throws {
        let fixture = try await ContractFixture(backend)
        let cluster = try Self.cluster(fixture)
        let (first, second, now) = (NodeID(high: 0, low: 1), NodeID(high: 0, low: 2), ContractFixture.start)
        for (id, name) in [(first, "a"), (second, "b")] {
            try await cluster.register(id, name: name, lease: Self.lease, at: now)
        }
        try await fixture.write(.insertKey(try fixture.key()))
        let place = try await fixture.database.read { try PostgreSQLCluster.place($0) }
        _ = try await cluster.renew(first, renewal: 0, applied: place.revision, at: now)
        let view = try await cluster.view(of: place)
        #expect(view.nodes.filter { $0.acknowledged < place.revision }.map(\.id) == [second])
        #expect(view.names == [first: "a", second: "b"])
        #expect(view.holdsCommit)
        #expect(view.timeline == "00000001")
        let other = Position(revision: place.revision, link: [UInt8](repeating: 7, count: 32))
        #expect(try await !cluster.view(of: other).holdsCommit)
        try await cluster.withdraw(second)
        #expect(try await cluster.view().nodes.map(\.id) == [first])
    }

    @Test(arguments: Backend.postgreSQL)
    func `the reaper cannot come between a renewal's guard and its reading`(_ backend: Backend) async throws {
        let fixture = try await ContractFixture(backend)
        let cluster = try Self.cluster(fixture)
        let now = ContractFixture.start
        for number in 1...30 {
            let id = NodeID(high: 0, low: UInt64(number))
            try await cluster.register(id, name: "a", lease: Self.lease, at: now)
            async let renewal = cluster.renew(id, renewal: 0, applied: 0, at: now)
            async let burial: Void = cluster.bury(id, renewal: 0, at: now)
            let isRenewed = Self.rows(try await renewal) != nil
            try await burial
            let isAlive = try await cluster.view().nodes.contains { $0.id == id }
            #expect(isRenewed == isAlive)
        }
    }
}
