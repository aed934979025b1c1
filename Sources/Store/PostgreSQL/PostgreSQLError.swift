/// Why a statement or a connection of the PostgreSQL driver ended.
enum PostgreSQLError: Error, Sendable {
    /// The server refused a statement; its transaction is over, the connection is not.
    case refused(state: String, message: String)
    /// No connection could be made, or it ended before COMMIT was sent: nothing was written.
    case unreachable(String)
    /// The time that the caller gave is over; the connection was closed with it.
    case deadline
    /// The URL is not one that libpq understands.
    case invalidURL(String)

    /// Whether the same transaction may succeed when it is run again with what it then sees: serialization failures,
    /// deadlocks, and a unique value that somebody else has just taken
    /// (https://www.postgresql.org/docs/current/errcodes-appendix.html).
    var deservesAnotherTry: Bool {
        guard case .refused(let state, _) = self else { return false }
        return ["40001", "40P01", "23505"].contains(state)
    }

    /// Whether the transaction was one of a process whose configuration is not in force.
    var isOtherConfiguration: Bool {
        if case .refused("KB001", _) = self { return true }
        return false
    }

    /// Whether the server's disk is full.
    var isDiskFull: Bool {
        if case .refused("53100", _) = self { return true }
        return false
    }
}

extension PostgreSQLError: CustomStringConvertible {
    var description: String {
        switch self {
        case .refused(let state, let message): "\(message) (\(state))"
        case .unreachable(let reason): reason
        case .deadline: "the server did not answer in time"
        case .invalidURL(let reason): "database.url: \(reason)"
        }
    }
}
