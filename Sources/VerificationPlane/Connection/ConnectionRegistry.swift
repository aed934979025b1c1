import NIOCore
import Synchronization

/// The open connections: how many there may be, and whom a shutdown has to tell.
final class ConnectionRegistry: Sendable {
    struct Counts: Sendable {
        var open = 0
        var accepted = 0
        var refused = 0
    }

    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var counts = Counts()
        var isDraining = false
    }

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int) { self.limit = limit }

    var counts: Counts { state.withLock(\.counts) }

    /// False for a connection over the limit or one that comes after the drain began.
    func admit(_ channel: any Channel) -> Bool {
        state.withLock { state in
            guard !state.isDraining, state.channels.count < limit else {
                state.counts.refused += 1
                return false
            }
            state.channels[ObjectIdentifier(channel)] = channel
            state.counts.accepted += 1
            state.counts.open = state.channels.count
            return true
        }
    }

    func remove(_ channel: any Channel) {
        state.withLock { state in
            state.channels[ObjectIdentifier(channel)] = nil
            state.counts.open = state.channels.count
        }
    }

    /// Admits nobody from now on; the channels that are open.
    func drain() -> [any Channel] {
        state.withLock { state in
            state.isDraining = true
            return Array(state.channels.values)
        }
    }
}
