import Logging
import ServiceLifecycle
import Synchronization

/// Counts what sites answer, in memory; once a second, before anybody looks, and at the end it goes to the store.
final class RequestCounter: Service {
    struct Place: Hashable, Sendable {
        let project: String
        let organization: String
        /// Hours since 1970.
        let hour: Int64
    }

    struct Count: Sendable {
        var requests: Int64 = 0
        var errors: Int64 = 0
        var bytes: Int64 = 0
    }

    struct Line: Sendable {
        let project: String
        let at: Int64
        let text: String
    }

    private struct Gathered {
        var counts: [Place: Count] = [:]
        var lines: [Line] = []
    }

    /// Beyond these, requests are counted but have no line.
    private static let mostLines = 2_000

    private let store: HarborStore
    private let logger: Logger
    private let gathered = Mutex(Gathered())

    init(store: HarborStore, logger: Logger) {
        self.store = store
        self.logger = logger
    }

    func note(_ project: ProjectRow, status: Int, bytes: Int, line: String) {
        let now = Moment.now()
        let place = Place(project: project.id, organization: project.organization, hour: now / 3_600_000)
        gathered.withLock {
            $0.counts[place, default: Count()].requests += 1
            $0.counts[place, default: Count()].bytes += Int64(bytes)
            if status >= 400 { $0.counts[place, default: Count()].errors += 1 }
            if $0.lines.count < Self.mostLines { $0.lines.append(Line(project: project.id, at: now, text: line)) }
        }
    }

    func flush() async {
        let taken = gathered.withLock { gathered in
            defer { gathered = Gathered() }
            return gathered
        }
        guard !taken.counts.isEmpty else { return }
        do {
            try await store.add(taken.counts, lines: taken.lines)
        } catch {
            logger.error("the requests of one second were lost: the store did not take them")
        }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do { try await Task.sleep(for: .seconds(1)) } catch { return }
                await self.flush()
            }
        }
        await flush()
    }
}
