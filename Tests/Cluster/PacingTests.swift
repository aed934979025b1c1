import KeybearerCluster
import Testing

private func row(_ number: Int, renewal: Int64 = 1, acknowledged: Int64 = 0, lease: Span = .seconds(5)) -> NodeRow {
    NodeRow(
        id: NodeID(high: 0, low: UInt64(number)), renewal: renewal, acknowledged: acknowledged, lease: lease)
}

private func time(_ milliseconds: Int64) -> Moment { Moment(microseconds: milliseconds * 1000) }

@Suite struct `Looking for nodes that have stopped` {
    private static let none = Span(microseconds: 0)

    @Test(arguments: [(3, 5_000), (63, 5_000), (64, 10_000), (1_000, 155_000)])
    func `is rarer the more there are`(_ count: Int, _ milliseconds: Int64) {
        var reaping = Reaping(Timing(lease: .seconds(5)))
        #expect(reaping.isDue(at: time(0)))
        #expect(reaping.observe((0..<count).map { row($0) }, jitter: Self.none, at: time(0)).isEmpty)
        #expect(!reaping.isDue(at: time(milliseconds - 1)))
        #expect(reaping.isDue(at: time(milliseconds)))
    }

    @Test func `declares few dead at once, and comes back for the rest within an interval`() {
        var reaping = Reaping(Timing(lease: .seconds(5)))
        let rows = (0..<40).map { row($0) }
        _ = reaping.observe(rows, jitter: Self.none, at: time(0))
        let first = reaping.observe(rows, jitter: Self.none, at: time(5_001))
        #expect(first.count == Reaping.mostAtOnce)
        #expect(reaping.isDue(at: time(6_001)))
        let buried = Set(first.map(\.id))
        let second = reaping.observe(rows.filter { !buried.contains($0.id) }, jitter: Self.none, at: time(6_001))
        #expect(second.count == Reaping.mostAtOnce)
        #expect(buried.isDisjoint(with: second.map(\.id)))
    }

    @Test func `spares who renews`() {
        var reaping = Reaping(Timing(lease: .seconds(5)))
        _ = reaping.observe([row(1), row(2)], jitter: Self.none, at: time(0))
        let dead = reaping.observe([row(1, renewal: 2), row(2)], jitter: Self.none, at: time(5_001))
        #expect(dead.map(\.id) == [row(2).id])
    }
}

@Suite struct `Waiting for acknowledgements` {
    @Test(arguments: [(3, 4_000, 25_000), (127, 4_000, 25_000), (256, 8_000, 25_000), (10_000, 50_000, 50_000)])
    func `pauses longer the more nodes there are and the longer it lasts`(
        _ nodes: Int, _ soon: Int64, _ late: Int64
    ) {
        var followed = BarrierPacing(isFollowed: true)
        let atOnce = followed.next(after: .milliseconds(0), nodes: 0)
        #expect(atOnce.microseconds == 0)
        var pacing = BarrierPacing(isFollowed: false)
        let first = pacing.next(after: .milliseconds(0), nodes: 0)
        #expect(first.microseconds == 400, "nobody can have answered")
        let second = pacing.next(after: .milliseconds(1), nodes: nodes)
        #expect(second.microseconds == (nodes < 128 ? 250 : 1_000))
        var pause = Span(microseconds: 0)
        for _ in 0..<30 { pause = pacing.next(after: .milliseconds(50), nodes: nodes) }
        #expect(pause.microseconds == soon)
        for _ in 0..<30 { pause = pacing.next(after: .milliseconds(500), nodes: nodes) }
        #expect(pause.microseconds == late)
    }

    @Test func `never ends by time before the nodes were seen after the commit`() {
        var barrier = RevocationBarrier(revision: 7, began: time(0), lease: .seconds(1))
        #expect(barrier.decideWithoutAnswer(at: time(60_000)) == .waiting)
        let slow = row(1, acknowledged: 6, lease: .seconds(5))
        #expect(barrier.decide([slow], holdsCommit: true, at: time(100)) == .waiting)
        #expect(barrier.decideWithoutAnswer(at: time(4_999)) == .waiting, "the other node's lease is longer")
        #expect(barrier.decideWithoutAnswer(at: time(5_000)) == .elapsed(unreachable: [slow.id]))
    }
}
