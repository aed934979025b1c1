/// How long to wait before a failed call is made again, or that it is not worth while.
///
/// Pauses grow from 0.2 to 5 seconds, each drawn at random from the whole span below ("full jitter"), so that clients
/// that failed together do not come back together. What the server asks for is the least that is waited.
struct RepetitionRule: Sendable {
    static let firstMilliseconds: Int64 = 200
    static let longestMilliseconds: Int64 = 5_000

    /// Whether a call may be made twice.
    enum Effect: Sendable {
        /// Twice is the same as once.
        case repeatable
        /// Twice is once more: repeated only where it certainly was not carried out.
        case once
    }

    /// What went wrong with one attempt.
    enum Outcome: Sendable {
        /// The request never reached the server.
        case notSent
        /// It may have reached it.
        case broken
        /// An answer; `retryAfter` as the server's fields say.
        case answered(status: Int, code: String, retryAfterSeconds: Int?)
    }

    /// - Parameters:
    ///   - attempt: 0 for the first.
    ///   - random: 0…1.
    /// - Returns: nil where the call should not be repeated.
    static func pause(
        after outcome: Outcome, effect: Effect, attempt: Int, of repetitions: Int, random: Double
    ) -> Duration? {
        guard attempt < repetitions, mayRepeat(outcome, effect) else { return nil }
        let ceiling = min(longestMilliseconds, firstMilliseconds << min(attempt, 10))
        let drawn = Int64(Double(ceiling) * random)
        guard case .answered(_, _, let seconds?) = outcome else { return .milliseconds(drawn) }
        // Nobody knows what a huge number would come to; the deadline ends the call long before.
        let asked = Int64(min(max(0, seconds), 86_400)) * 1000
        return .milliseconds(asked + min(drawn, 1000))
    }

    private static func mayRepeat(_ outcome: Outcome, _ effect: Effect) -> Bool {
        switch outcome {
        case .notSent: true
        case .broken: effect == .repeatable
        // 429, and 503 where the server says that nothing was done. `too_many_attempts` is for a person to wait out.
        case .answered(429, let code, _): code != "too_many_attempts"
        case .answered(503, let code, _): code != "indeterminate" || effect == .repeatable
        case .answered(502, _, _), .answered(504, _, _): effect == .repeatable
        case .answered(409, "idempotency_in_progress", _): true
        case .answered: false
        }
    }
}
