import KeybearerAdministration
import ServiceLifecycle

/// What runs beside the planes: threads give way to those that verify, memory is kept filled, usage is written every 5
/// seconds, repeats of refusals when their minute is over, and every 10 minutes what has expired is forgotten and what is
/// old is removed.
struct Upkeep: Service {
    let administration: Administration
    let giveWay: @Sendable () -> Void
    let keepMemoryFilled: @Sendable () async -> Void

    func run() async throws {
        await cancelWhenGracefulShutdown {
            async let filling: Void = keepMemoryFilled()
            await writeRegularly()
            await filling
        }
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
            giveWay()
            // First what is soon done: with many keys in use, writing their counts takes longer than the interval.
            await administration.flushRefusals()
            await administration.flushUsage(gently: true)
            if seconds.isMultiple(of: 600) { await administration.forgetExpired() }
            if seconds % 600 == 5 { await administration.prune() }
        }
    }
}
