import ServiceLifecycle

/// Every listener at once: a service group ends its services one after the other, and two drains in a row could take
/// longer than a stop may.
struct Planes: Service {
    let planes: [any Service]
    /// Where requests to the control plane run; nil for wherever Swift runs tasks.
    let threads: (any TaskExecutor)?

    /// - Throws: what the first plane that cannot go on throws; the others are then ended.
    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for plane in planes { group.addTask(executorPreference: threads) { try await plane.run() } }
            while try await group.next() != nil {}
        }
    }
}
