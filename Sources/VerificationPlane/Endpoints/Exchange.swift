import KeybearerAPI
import KeybearerVerification

/// One request with all that deciding on it needs to know. Good for its turn on the event loop, as its bytes are; not
/// copyable, so that nothing that waits can hold it.
struct Exchange: ~Copyable {
    let head: RequestHead
    let body: ByteView
    let peer: Peer
    let id: RequestID
    /// The key that stands in its bytes, as far as they were looked through.
    let foreseen: ForeseenKey?
    /// When its turn began.
    let time: Timestamp
    /// Whether the connection ends with its answer.
    let closes: Bool
}

extension RequestID {
    /// A problem that names this exchange.
    func answer(
        _ status: Int, _ code: String, _ detail: String, errors: [FieldError] = [], extensions: JSONObject = [:]
    ) -> Response {
        Response(Problem(status: status, code: code, detail: detail, errors: errors, extensions: extensions), id: self)
    }
}

/// What becomes of an exchange.
enum Outcome: Sendable {
    /// Decided, and written to the connection's writer.
    case written
    /// Decided.
    case answer(Response)
    /// Needs the store; the connection waits for it, so that answers keep the order of their requests.
    case pending(@Sendable () async -> Response)
}

/// A request that is itself wrong.
struct RequestRefusal: Error {
    let problem: Problem

    init(_ problem: Problem) { self.problem = problem }

    init(status: Int, code: String, detail: String, errors: [FieldError] = []) {
        problem = Problem(status: status, code: code, detail: detail, errors: errors)
    }
}
