/// Why a load gave no answer; the source's own errors are passed on as they are.
public enum LoadError: Error, Hashable, Sendable {
    case deadlineExceeded
    /// As many loads wait as are allowed to, or as many questions hang as may.
    case tooManyLoads
    /// The source answered with a record of another digest than those asked for, or with too few answers.
    case wrongRecord
}

/// One load for all who want the same digest at the same time, and one question to the source for all loads that wait
/// at the same time; each load with a deadline of its own that holds even where the source does not return.
final class SharedLoads: Sendable {
    private struct Table {
        var current: [StoredDigest: SharedLoad] = [:]
        var waiting: [SharedLoad] = []
        /// Questions that somebody waits for.
        var open = 0
        /// Questions whose loads have expired and whose source has not come back.
        var hanging = 0
    }

    private static let mostWaiting = 4096
    private static let mostInABatch = 256
    private static let mostOpen = 4
    private static let mostHanging = 64

    private let table = Guarded(Table())
    private let deadline: Duration

    init(deadline: Duration) { self.deadline = deadline }

    /// - Parameters:
    ///   - generations: as they were when the request came. It joins a load that began with the same ones; where they
    ///     have moved, what that load read may be out of date, and another takes its place.
    ///   - source: the same for all loads.
    ///   - keep: told of the source's answer before anybody else is.
    func value(
        of name: StoredDigest, _ digests: [StoredDigest], _ generations: [UInt64], from source: any KeyRecordSource,
        keep: @escaping @Sendable (KeyRecord?) throws(LoadError) -> Void
    ) async throws -> KeyRecord? {
        let load = try table.withLock { table throws(LoadError) in
            if let current = table.current[name] {
                let isCurrent = current.generations == generations
                if isCurrent || BreakableRule.loadsAreNotJoinedAcrossChanges.isBroken { return current }
            }
            guard table.waiting.count < Self.mostWaiting, table.hanging < Self.mostHanging else { throw .tooManyLoads }
            let end = ContinuousClock.now + deadline
            let load = SharedLoad(name, digests, generations: generations, end: end, keep: keep)
            table.current[name] = load
            table.waiting.append(load)
            return load
        }
        askNext(source)
        return try await load.value()
    }

    /// Asks for what waits, where another question may be opened.
    private func askNext(_ source: any KeyRecordSource) {
        let batch = table.withLock { table -> [SharedLoad] in
            guard table.open < Self.mostOpen, !table.waiting.isEmpty else { return [] }
            let batch = Array(table.waiting.prefix(Self.mostInABatch))
            table.waiting.removeFirst(batch.count)
            table.open += 1
            return batch
        }
        if !batch.isEmpty { ask(source, for: batch) }
    }

    // Unstructured, because a load outlives whichever request began it, and a source that ignores its cancellation
    // must not keep the next question waiting.
    private func ask(_ source: any KeyRecordSource, for batch: [SharedLoad]) {
        let question = Question()
        let asking = Task {
            await Self.answer(batch, from: source)
            if question.end() {
                close(batch, source)
            } else {
                table.withLock { $0.hanging -= 1 }
            }
        }
        let expiry = Task {
            for load in batch {
                do { try await Task.sleep(until: load.end, clock: .continuous) } catch { return }
                load.finish(.failure(LoadError.deadlineExceeded))
            }
            guard question.end() else { return }
            table.withLock { $0.hanging += 1 }
            asking.cancel()
            close(batch, source)
        }
        question.onAnswer { expiry.cancel() }
    }

    private func close(_ batch: [SharedLoad], _ source: any KeyRecordSource) {
        table.withLock { table in
            table.open -= 1
            for load in batch where table.current[load.name] === load { table.current[load.name] = nil }
        }
        askNext(source)
    }

    private static func answer(_ batch: [SharedLoad], from source: any KeyRecordSource) async {
        do {
            let records = try await source.records(under: batch.map(\.digests))
            guard records.count == batch.count else { throw LoadError.wrongRecord }
            for (load, record) in zip(batch, records) { load.answer(record) }
        } catch  where batch.count > 1 {
            // One row that cannot be read is no reason to refuse the others.
            for load in batch { await answer([load], from: source) }
        } catch {
            for load in batch { load.finish(.failure(error)) }
        }
    }
}

/// Whether a question to the source still has somebody who waits for it.
private final class Question: Sendable {
    private let state = Guarded((hasEnded: false, onAnswer: { @Sendable () -> Void in }))

    /// Whether this was the first call.
    func end() -> Bool {
        let (isFirst, onAnswer) = state.withLock { state in
            defer { state.hasEnded = true }
            return (!state.hasEnded, state.onAnswer)
        }
        if isFirst { onAnswer() }
        return isFirst
    }

    func onAnswer(_ body: @escaping @Sendable () -> Void) {
        let hasEnded = state.withLock { state in
            state.onAnswer = body
            return state.hasEnded
        }
        if hasEnded { body() }
    }
}

/// A result that many await; the first one given counts.
private final class SharedLoad: Sendable {
    private struct State {
        var waiters: [CheckedContinuation<KeyRecord?, any Error>] = []
        var result: Result<KeyRecord?, any Error>?
    }

    let name: StoredDigest
    let digests: [StoredDigest]
    let generations: [UInt64]
    let end: ContinuousClock.Instant
    private let keep: @Sendable (KeyRecord?) throws(LoadError) -> Void
    private let state = Guarded(State())

    init(
        _ name: StoredDigest, _ digests: [StoredDigest], generations: [UInt64], end: ContinuousClock.Instant,
        keep: @escaping @Sendable (KeyRecord?) throws(LoadError) -> Void
    ) {
        self.name = name
        self.digests = digests
        self.generations = generations
        self.end = end
        self.keep = keep
    }

    func value() async throws -> KeyRecord? {
        try await withCheckedThrowingContinuation { continuation in
            let result = state.withLock { state in
                if state.result == nil { state.waiters.append(continuation) }
                return state.result
            }
            if let result { continuation.resume(with: result) }
        }
    }

    func answer(_ record: KeyRecord?) {
        do throws(LoadError) {
            try keep(record)
            finish(.success(record))
        } catch {
            finish(.failure(error))
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
