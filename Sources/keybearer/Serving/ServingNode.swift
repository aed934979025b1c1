import Foundation
import KeybearerAdministration
import KeybearerStore
import KeybearerVerification
import Logging

/// The rooms wired together on one database: what `serve` serves and what local commands work with.
struct ServingNode: Sendable {
    let store: Store
    let database: SQLiteDatabase
    let memory: RecordCache
    let meter: UsageMeter
    let verifier: Verifier
    let administration: Administration
    let clock: WallClock
    private let rules: Rules
    private let source: LedgerRecordSource
    private let cacheBytes: Int

    /// - Throws: `StoreError` with one line that says what to do.
    init(_ configuration: Configuration, mode: SQLiteDatabase.Mode, logger: Logger) async throws {
        database = try SQLiteDatabase(path: configuration.databasePath, mode: mode)
        rules = configuration.rules
        meter = UsageMeter()
        memory = RecordCache(capacityInBytes: configuration.verification.cacheBytes, meter: meter)
        let time = SystemTime(notBefore: Timestamp(microseconds: 0))
        clock = WallClock { time.now() }
        store = try await Store(
            database: database, memory: memory, nodeName: configuration.nodeName, clock: clock, logger: logger)
        // A clock that was set back must not revive what had expired when the database was last written.
        if let newest = try await store.newestTime() { time.raise(floor: newest) }
        source = LedgerRecordSource(ledger: store, rules: rules)
        cacheBytes = configuration.verification.cacheBytes
        verifier = Verifier(
            format: rules.keyFormat, peppers: rules.peppers, cache: memory,
            source: source, freshness: store, clock: clock,
            report: { logger.error("a verification could not be decided: \(String(describing: type(of: $0)))") })
        administration = Administration(
            ledger: store, rules: rules, verifier: verifier, meter: meter, clock: clock, logger: logger)
    }

    /// Takes every key into memory where all of them fit, so that unknown keys cost no read from then on.
    func fillMemory(_ logger: Logger) async {
        do {
            guard try await source.fill(memory, capacityInBytes: cacheBytes) else { return }
            logger.info("memory holds \(memory.count) keys")
        } catch is CancellationError {
            return
        } catch {
            logger.warning("memory could not be filled; keys are read as they are asked for")
        }
    }

    /// Whether an answer given now is safe.
    func canDecide() -> Bool { store.canDecide() }

    /// With a pepper, digests stored without one would not be found any more: better no start than dead keys.
    func mustHaveNoPlainDigests() async throws {
        guard rules.peppers.isConfigured else { return }
        let plain = try await store.plainDigestCount()
        guard plain == 0 else {
            throw ConfigurationError(
                "keys.pepper: \(plain) keys are stored without it: run `keybearer pepper apply` while no server runs")
        }
    }
}
