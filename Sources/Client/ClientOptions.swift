/// How patient a client is, and how it names itself.
public struct ClientOptions: Sendable, Hashable {
    /// For a whole call, its repetitions included.
    public var deadline: Duration
    /// How often a call is repeated at most after it failed.
    public var repetitions: Int
    /// Put before the library's own name, such as `harbor/2.1`.
    public var userAgent: String?

    public init(deadline: Duration = .seconds(30), repetitions: Int = 4, userAgent: String? = nil) {
        self.deadline = deadline
        self.repetitions = repetitions
        self.userAgent = userAgent
    }

    var userAgentField: String {
        let own = "keybearer-swift/\(Client.version)"
        return userAgent.map { "\($0) \(own)" } ?? own
    }
}
