/// A write that may share its transaction with others.
protocol QueuedWrite: AnyObject, Sendable {
    /// - Throws: what the body throws.
    func run(on connection: any Connection) throws

    /// Says that it is part of the log now.
    ///
    /// - Parameter isLast: of those that were committed together.
    func tell(isLast: Bool)

    /// Nothing of it was kept, whatever `run` came to.
    func fail(_ error: any Error)
}

/// Sound, because the task that waits for it touches it only before it is queued and after it was run.
final class Write<Result: Sendable>: QueuedWrite, @unchecked Sendable {
    private let body: @Sendable (any Connection) throws -> Result
    private let committed: @Sendable (Result, Bool) -> Void
    private var outcome: Swift.Result<Result, any Error> = .failure(CancellationError())

    init(
        _ body: @escaping @Sendable (any Connection) throws -> Result,
        then committed: @escaping @Sendable (_ result: Result, _ isLast: Bool) -> Void
    ) {
        self.body = body
        self.committed = committed
    }

    func run(on connection: any Connection) throws { outcome = .success(try body(connection)) }

    func tell(isLast: Bool) {
        if case .success(let result) = outcome { committed(result, isLast) }
    }

    func fail(_ error: any Error) { outcome = .failure(error) }

    /// - Throws: why it was not kept.
    func result() throws -> Result { try outcome.get() }
}
