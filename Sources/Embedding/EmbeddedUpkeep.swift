import KeybearerAdministration
import ServiceLifecycle

/// Keeps memory filled, writes what was counted every 5 seconds and once more at the end, and every
/// 10 minutes forgets what has expired and removes what is old.
struct EmbeddedUpkeep: Service {
    let administration: Administration
    let keepMemoryFilled: @Sendable () async -> Void

    func run() async throws {
        await cancelWhenGracefulShutdown {
            async let filling: Void = keepMemoryFilled()
            await writeRegularly()
            await filling
        }
        await administration.flushUsage()
        await administration.flushRefusals(all: true)
    }

    private func writeRegularly() async {
        var seconds = 0
        while !Task.isCancelled {
            do {
                try await Task.sleep(for: .seconds(5))
            } catch {
                return
            }
            seconds += 5
            await administration.flushUsage()
            await administration.flushRefusals()
            if seconds.isMultiple(of: 600) { await administration.forgetExpired() }
            if seconds % 600 == 5 { await administration.prune() }
        }
    }
}
