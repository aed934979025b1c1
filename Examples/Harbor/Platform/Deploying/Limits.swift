/// What one deployment may cost.
public struct DeployLimits: Sendable {
    public var fetchTime = Duration.seconds(60)
    /// Of the fetched history's tip and its files together.
    public var bytes = 100 << 20
    public var files = 5_000
    public var fileBytes = 10 << 20
    /// How many are worked on at once; the others wait.
    public var atOnce = 4

    public init() {}
}
