import KeybearerAdministration
import KeybearerCluster
import KeybearerVerification
import Testing

@testable import KeybearerStore

/// Which configuration is in force is decided where changes are: in the database, under the log's lock.
@Suite struct `The configuration in force` {
    private static func digest(_ byte: UInt8) throws -> ConfigurationDigest {
        try #require(ConfigurationDigest(bytes: [UInt8](repeating: byte, count: 32)))
    }

    private static func id(_ number: UInt64) -> NodeID { NodeID(high: 0, low: number) }

    @Test(arguments: Backend.postgreSQL)
    func `the first node's is in force, and nodes with another are not admitted`(_ backend: Backend) async throws {
        let fixture = try await ContractFixture(backend)
        let database = try #require(fixture.database as? PostgreSQLDatabase)
        let (first, other) = (try Self.digest(1), try Self.digest(2))
        func register(_ number: UInt64, _ configuration: ConfigurationDigest?) async throws -> Bool {
            try await database.send(
                .register(
                    Self.id(number), name: "a", lease: .seconds(5), at: ContractFixture.start,
                    configuration: configuration))
        }
        #expect(try await database.configurationInForce() == nil)
        #expect(try await register(1, first))
        #expect(try await !register(2, other))
        #expect(try await register(3, first))
        #expect(try await register(4, nil))
        #expect(try await database.configurationInForce() == first)
        #expect(try await database.send(.look()).rows.map(\.id) == [1, 3, 4].map(Self.id))
    }

    @Test(arguments: Backend.postgreSQL)
    func `a renewal that reads the change reads the configuration that it put in force`(
        _ backend: Backend
    ) async throws {
        let fixture = try await ContractFixture(backend)
        let database = try #require(fixture.database as? PostgreSQLDatabase)
        let (first, other) = (try Self.digest(1), try Self.digest(2))
        let place = try await database.read { try LogPlace.end($0) }
        let now = ContractFixture.start
        #expect(
            try await database.send(
                .register(Self.id(1), name: "a", lease: .seconds(5), at: now, configuration: first)))
        guard
            case .rows(_, _, let before) = try await database.send(
                .renew(Self.id(1), renewal: 0, applied: place.revision, at: now))
        else { throw ContractFixture.BadFixture() }
        #expect(before == first)
        try await fixture.write(.applyConfiguration(other))
        guard
            case .rows(let rows, _, let after) = try await database.send(
                .renew(Self.id(1), renewal: 1, applied: place.revision, at: now))
        else { throw ContractFixture.BadFixture() }
        #expect(rows.last?.effect == .everything)
        #expect(after == other)
    }

    @Test(arguments: Backend.postgreSQL)
    func `nobody changes anything by a configuration that is not in force, and what is refused is not written`(
        _ backend: Backend
    ) async throws {
        let fixture = try await ContractFixture(backend)
        let (first, other) = (try Self.digest(1), try Self.digest(2))
        let database = try #require(fixture.database as? PostgreSQLDatabase)
        let mine = try await PostgreSQLDatabase(
            address: database.address, connections: 2, patience: .seconds(5), configuration: first)
        defer { mine.close() }
        let store = try await Store(
            database: mine, memory: RecordCache(capacityInBytes: 1 << 20), part: .beside(leaseSeconds: 5),
            nodeName: "node-b", clock: ContractFixture.clock, logger: ContractFixture.logger)
        let (allowed, refused) = (try fixture.key(), try fixture.key())
        try await fixture.write(.applyConfiguration(first))
        _ = try await store.commit { _ in Prepared([.insertKey(allowed)], ()) }
        let revision = try await fixture.write(.applyConfiguration(other))
        let failure = await #expect(throws: Failure.self) {
            _ = try await store.commit { _ in Prepared([.insertKey(refused)], ()) }
        }
        #expect(failure == .otherConfiguration)
        #expect(try await fixture.store.read { try $0.keyCount(upTo: 10) } == 1)
        #expect(try await database.read { try $0.lastRevision() } == revision)
        // Whoever puts its own in force may go on from there.
        _ = try await store.commit { _ in Prepared([.applyConfiguration(first), .insertKey(refused)], ()) }
        #expect(try await fixture.store.read { try $0.keyCount(upTo: 10) } == 2)
    }

    @Test func `on a file it changes nothing`() async throws {
        let fixture = try await ContractFixture(.sqlite)
        let revision = fixture.store.revision
        #expect(try await fixture.write(.applyConfiguration(try Self.digest(1))) > revision)
    }
}
