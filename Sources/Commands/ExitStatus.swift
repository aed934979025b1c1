/// What a command's end tells the script that called it.
public enum ExitStatus: Int32, Sendable {
    case done = 0
    case failure = 1
    case usage = 2
    case notAuthenticated = 3
    case forbidden = 4
    case notFound = 5
    case quotaOrFeature = 6
    case unavailable = 7
}

/// A command's failure: one line for standard error, and the status for whoever called.
public struct CommandFailure: Error, Sendable, CustomStringConvertible {
    public let description: String
    public let status: ExitStatus

    public init(_ description: String, status: ExitStatus = .failure) {
        self.description = description
        self.status = status
    }
}
