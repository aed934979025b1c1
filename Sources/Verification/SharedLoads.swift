/// Why a load gave no answer; the source's own errors are passed on as they are.
public enum LoadError: Error, Hashable, Sendable {
    case deadlineExceeded
    /// As many loads as are allowed at once are under way, finished ones whose source hangs included.
    case tooManyLoads
    /// The source answered with a record of another digest than those asked for.
    case wrongRecord
}

/// One load for all who want the same digest at the same time, each with a deadline of its own that holds even
/// where the source does not return.
final class SharedLoads: Sendable {
    private struct Table {
        var current: [StoredDigest: SharedLoad] = [:]
        var underWay = 0
    }

    private static let mostUnderWay = 4096

    private let table = Guarded(Table())
    private let deadline: Duration

    init(deadline: Duration) { self.deadline = deadline }

    /// - Parameter generations: as they were when the request came. It joins a load that began with the same ones;
    ///   where they have moved, what that load read may be out of date, and another takes its place.
    func value(
        of name: StoredDigest, generations: [UInt64], read: @escaping @Sendable () async throws -> KeyRecord?
    ) async throws -> KeyRecord? {
        let (load, isNew) = try table.withLock { table throws(LoadError) in
            if let current = table.current[name], current.generations == generations { return (current, false) }
            guard table.underWay < Self.mostUnderWay else { throw .tooManyLoads }
            let load = SharedLoad(generations: generations)
            table.current[name] = load
            table.underWay += 1
            return (load, true)
        }
        if isNew { start(load, of: name, read) }
        return try await load.value()
    }

    // Unstructured, because a load outlives whichever request began it. Its end is what the waiters await; a source
    // that ignores its cancellation keeps the task, which is why those under way are counted and bounded.
    private func start(
        _ load: SharedLoad, of name: StoredDigest, _ read: @escaping @Sendable () async throws -> KeyRecord?
    ) {
        Task {
            await withTaskGroup { group in
                group.addTask { await self.finish(load, of: name, Self.result(of: read)) }
                group.addTask { await self.expire(load, of: name) }
                await group.next()
                group.cancelAll()
            }
            table.withLock { $0.underWay -= 1 }
        }
    }

    private func expire(_ load: SharedLoad, of name: StoredDigest) async {
        do {
            try await Task.sleep(for: deadline)
        } catch {
            return  // cancelled: the source has answered
        }
        finish(load, of: name, .failure(LoadError.deadlineExceeded))
    }

    private func finish(_ load: SharedLoad, of name: StoredDigest, _ result: Result<KeyRecord?, any Error>) {
        table.withLock { table in
            if table.current[name] === load { table.current[name] = nil }
        }
        load.finish(result)
    }

    private static func result(
        of read: @Sendable () async throws -> KeyRecord?
    ) async -> Result<KeyRecord?, any Error> {
        do { return .success(try await read()) } catch { return .failure(error) }
    }
}

/// A result that many await; the first one given counts.
private final class SharedLoad: Sendable {
    private struct State {
        var waiters: [CheckedContinuation<KeyRecord?, any Error>] = []
        var result: Result<KeyRecord?, any Error>?
    }

    let generations: [UInt64]
    private let state = Guarded(State())

    init(generations: [UInt64]) { self.generations = generations }

    func value() async throws -> KeyRecord? {
        try await withCheckedThrowingContinuation { continuation in
            let result = state.withLock { state in
                if state.result == nil { state.waiters.append(continuation) }
                return state.result
            }
            if let result { continuation.resume(with: result) }
        }
    }

    func finish(_ result: Result<KeyRecord?, any Error>) {
        let waiters = state.withLock { state -> [CheckedContinuation<KeyRecord?, any Error>] in
            guard state.result == nil else { return [] }
            state.result = result
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume(with: result) }
    }
}
