import KeybearerVerification
import Synchronization

/// A client's `Idempotency-Key` with what it stands for.
public struct Remembering<Value: Sendable>: Sendable {
    let key: String
    let method: String
    let path: String
    let body: [UInt8]
    let status: Int
    let render: @Sendable (Value) -> [UInt8]

    /// - Parameters:
    ///   - body: the request's body as it was sent; only its hash is kept.
    ///   - status: the status of a successful answer.
    ///   - render: the answer with `null` for every secret; this is what a repetition gets.
    public init(
        key: String, method: String, path: String, body: [UInt8], status: Int,
        render: @escaping @Sendable (Value) -> [UInt8]
    ) {
        self.key = key
        self.method = method
        self.path = path
        self.body = body
        self.status = status
        self.render = render
    }
}

/// What an operation answers that may have been asked before.
public enum Answer<Value: Sendable>: Sendable {
    case fresh(Value)
    case replayed(IdempotencyRecord)
}

extension Administration {
    /// Answers are remembered for 24 hours.
    static let rememberedSeconds: Int64 = 86_400

    /// Runs `body` once per claim: a repetition gets the remembered answer, a concurrent one is refused.
    ///
    /// - Throws: `Failure` `idempotency_conflict` for another body, `idempotency_in_progress` for a request
    ///   whose first is still running, else what `body` throws.
    func once<Value: Sendable>(
        _ remembering: Remembering<Value>?, caller: Caller, organization: OrganizationID?,
        _ body: (Claim<Value>?) async throws -> Answer<Value>
    ) async throws -> Answer<Value> {
        guard let remembering else { return try await body(nil) }
        let claim = Claim(remembering, actor: caller.actor, organization: organization)
        guard inFlight.withLock({ $0.insert(claim.digest).inserted }) else {
            throw Failure(
                .idempotencyInProgress, "The first request with this Idempotency-Key is still running.",
                retryAfterSeconds: 1)
        }
        defer { inFlight.withLock { _ = $0.remove(claim.digest) } }
        if let record = try await ledger.read({ try claim.replay($0, now: self.clock.now()) }) {
            return .replayed(record)
        }
        return try await body(claim)
    }
}

/// One `Idempotency-Key` of one caller for one call.
struct Claim<Value: Sendable>: Sendable {
    let digest: KeyDigest
    private let remembering: Remembering<Value>
    private let bodyDigest: KeyDigest

    init(_ remembering: Remembering<Value>, actor: String, organization: OrganizationID?) {
        self.remembering = remembering
        let parts = [
            organization?.description ?? "", actor, remembering.method, remembering.path, remembering.key,
        ]
        digest = KeyDigest(ofText: Array(parts.map { "\($0.utf8.count):\($0)" }.joined().utf8))
        bodyDigest = KeyDigest(ofText: remembering.body)
    }

    /// What `replay` asks.
    var questions: [Question] { [.idempotencyRecord(digest)] }

    /// The answer of an earlier request; nil where there was none.
    func replay(_ records: any Records, now: Timestamp) throws -> IdempotencyRecord? {
        guard let record = try records.idempotencyRecord(digest), record.expiresAt > now else { return nil }
        guard record.bodyDigest == bodyDigest else {
            throw Failure(.idempotencyConflict, "This Idempotency-Key was used with another body.")
        }
        return record
    }

    /// Remembers the answer in the transaction of its change.
    func remember(_ value: Value, in writing: inout Writing) {
        writing.write(
            .remember(
                IdempotencyRecord(
                    claim: digest, bodyDigest: bodyDigest, status: remembering.status,
                    answer: remembering.render(value),
                    expiresAt: writing.now.adding(seconds: Administration.rememberedSeconds))))
    }
}
