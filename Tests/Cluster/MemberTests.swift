import KeybearerCluster
import Testing

private struct Row: Change, Equatable {
    let revision: Int64
    let link: Int64
    let previous: Int64

    init(_ revision: Int64, after previous: Int64? = nil, link: Int64? = nil) {
        self.revision = revision
        self.previous = previous ?? (revision - 1) * 7
        self.link = link ?? revision * 7
    }

    func stands(behind link: Int64) -> Bool { previous == link }
}

private typealias Node = Member<Row>

/// A node whose surroundings answer at once and as they should.
private struct Driver {
    var node = Node(Timing(lease: .seconds(5)))
    var now = Moment(microseconds: 0)
    private(set) var commands: [Node.Command] = []
    private var names: UInt64 = 0

    mutating func give(_ event: Node.Event) { commands = node.handle(event, at: now) }

    mutating func join(at revision: Int64 = 0) {
        give(.start)
        guard case .load(let load) = commands.last else { return }
        give(.loaded(load, Position(revision: revision, link: revision * 7)))
        guard case .register(let registration) = commands.first else { return }
        names += 1
        give(.registered(registration, NodeID(high: 0, low: names)))
    }

    var renewal: Node.Request? {
        for case .renew(let request, _, _, _) in commands { return request }
        return nil
    }

    mutating func wait(_ span: Span) { now = now.advanced(by: span) }
}

@Suite struct `A node` {
    @Test func `has no lease before a renewal of a committed row has been answered`() throws {
        var driver = Driver()
        driver.join(at: 3)
        #expect(driver.node.leaseEnd == .never)
        let request = try #require(driver.renewal)
        driver.wait(.milliseconds(900))
        driver.give(.renewed(request, [Row(3)]))
        let expected = Moment(microseconds: 0).advanced(by: Timing(lease: .seconds(5)).usableLease)
        #expect(driver.node.leaseEnd == expected, "counted from the sending, not from the answer")
    }

    @Test func `applies what is new, then says so, and only then extends its lease`() throws {
        var driver = Driver()
        driver.join(at: 3)
        driver.give(.renewed(try #require(driver.renewal), [Row(3), Row(4), Row(5)]))
        guard case .apply(let publication, let rows) = driver.commands.first else {
            return #expect(Bool(false), "\(driver.commands)")
        }
        #expect(rows == [Row(4), Row(5)])
        #expect(driver.node.leaseEnd == .never)
        #expect(driver.node.applied == 3)
        driver.give(.published(publication))
        #expect(driver.node.leaseEnd > .never)
        guard case .acknowledge(_, _, renewal: 1, applied: 5) = driver.commands.first else {
            return #expect(Bool(false), "\(driver.commands)")
        }
    }

    @Test(arguments: [
        [Row(3), Row(5, after: 21)], [Row(3), Row(4, after: 99)], [Row(4)], [], [Row(3, link: 99), Row(4, after: 99)],
    ])
    fileprivate func `does not go on from a log that is not the one it has followed`(_ rows: [Row]) throws {
        var driver = Driver()
        driver.join(at: 3)
        driver.give(.renewed(try #require(driver.renewal), [Row(3)]))
        #expect(driver.node.leaseEnd > .never)
        driver.give(.hint)
        driver.give(.renewed(try #require(driver.renewal), rows))
        #expect(driver.commands.contains { if case .load = $0 { true } else { false } })
        #expect(driver.node.leaseEnd == .never)
    }

    @Test func `drops its lease and takes another name when its row is not its own any more`() throws {
        var driver = Driver()
        driver.join()
        driver.give(.renewed(try #require(driver.renewal), []))
        let name = driver.node.id
        driver.give(.hint)
        driver.give(.fenced(try #require(driver.renewal)))
        #expect(driver.node.leaseEnd == .never)
        #expect(driver.node.id == nil)
        driver.join()
        #expect(driver.node.id != name)
    }

    @Test func `takes in news without a renewal, acknowledges it, and its lease ends when it would have`() throws {
        var driver = Driver()
        driver.join(at: 3)
        driver.give(.renewed(try #require(driver.renewal), [Row(3)]))
        let end = driver.node.leaseEnd
        driver.wait(.milliseconds(300))
        driver.give(.news)
        guard case .follow(let request, _, renewal: 1, applied: 3) = driver.commands.first else {
            return #expect(Bool(false), "\(driver.commands)")
        }
        driver.give(.followed(request, [Row(3), Row(4)]))
        guard case .apply(let publication, [Row(4)]) = driver.commands.first else {
            return #expect(Bool(false), "\(driver.commands)")
        }
        driver.give(.published(publication))
        guard case .acknowledge(let acknowledgement, _, renewal: 1, applied: 4) = driver.commands.first else {
            return #expect(Bool(false), "\(driver.commands)")
        }
        driver.give(.acknowledged(acknowledgement))
        #expect(driver.node.leaseEnd == end)
        #expect(driver.node.confirmed == driver.node.sendings, "nothing was confirmed but by the renewal")
    }

    @Test func `renews at news where its lease is over or a renewal is due`() throws {
        var driver = Driver()
        driver.join()
        driver.give(.renewed(try #require(driver.renewal), []))
        driver.wait(.milliseconds(1_000))
        driver.give(.news)
        driver.give(.failed(try #require(driver.renewal)))
        driver.wait(.seconds(10))
        driver.give(.news)
        #expect(driver.renewal != nil)
    }

    @Test func `begins anew where the log that it follows is another, or its row is not its own`() throws {
        for isFenced in [true, false] {
            var driver = Driver()
            driver.join(at: 3)
            driver.give(.renewed(try #require(driver.renewal), [Row(3)]))
            driver.give(.news)
            guard case .follow(let request, _, _, _) = driver.commands.first else {
                return #expect(Bool(false), "\(driver.commands)")
            }
            driver.give(isFenced ? .fenced(request) : .followed(request, [Row(3, link: 99), Row(4, after: 99)]))
            #expect(driver.node.leaseEnd == .never)
            #expect(driver.commands.contains { if case .load = $0 { true } else { false } })
        }
    }

    @Test func `keeps its lease through failed renewals, and no longer`() throws {
        var driver = Driver()
        driver.join()
        driver.give(.renewed(try #require(driver.renewal), []))
        let end = driver.node.leaseEnd
        for _ in 0..<5 {
            driver.wait(.seconds(1))
            driver.give(.tick)
            driver.give(.failed(try #require(driver.renewal)))
            #expect(driver.node.leaseEnd == end)
        }
        #expect(driver.now > end)
    }

    @Test func `ignores an answer to a question that it has given up`() throws {
        var driver = Driver()
        driver.join()
        let late = try #require(driver.renewal)
        driver.give(.failed(late))
        driver.give(.renewed(late, []))
        #expect(driver.node.leaseEnd == .never)
        #expect(driver.commands.isEmpty)
    }

    @Test func `takes its row away only under the number of its own last renewal`() throws {
        for answer in [
            Node.Event.renewed, { request, _ in .overtaken(request) }, { request, _ in .dismissed(request) },
        ] {
            var driver = Driver()
            driver.join()
            driver.give(answer(try #require(driver.renewal), []))
            if !driver.commands.contains(where: { if case .withdraw = $0 { true } else { false } }) {
                driver.give(.stop)
            }
            guard case .withdraw(_, renewal: 1) = driver.commands.first else {
                return #expect(Bool(false), "\(driver.commands)")
            }
            #expect(driver.node.leaseEnd == .never)
        }
    }

    @Test func `leaves its row to the original when it finds itself a copy`() throws {
        var driver = Driver()
        driver.join()
        driver.give(.renewed(try #require(driver.renewal), []))
        driver.give(.machineWasCopied)
        #expect(driver.node.leaseEnd == .never)
        #expect(!driver.commands.contains { if case .withdraw = $0 { true } else { false } })
    }
}

@Suite struct `A revoke` {
    private static func row(_ number: UInt64, _ acknowledged: Int64, lease: Span = .seconds(5)) -> NodeRow {
        NodeRow(id: NodeID(high: 0, low: number), renewal: 1, acknowledged: acknowledged, lease: lease)
    }

    @Test func `returns once every node has acknowledged`() {
        var barrier = RevocationBarrier(revision: 7, began: Moment(microseconds: 0), lease: .seconds(5))
        let soon = Moment(microseconds: 2_000)
        #expect(barrier.decide([Self.row(1, 7), Self.row(2, 6)], holdsCommit: true, at: soon) == .waiting)
        #expect(barrier.decide([Self.row(1, 7), Self.row(2, 9)], holdsCommit: true, at: soon) == .acknowledged)
    }

    @Test func `waits for the longest lease of those that are missing, and names them`() {
        var barrier = RevocationBarrier(revision: 7, began: Moment(microseconds: 0), lease: .seconds(5))
        let rows = [Self.row(1, 7), Self.row(2, 6, lease: .seconds(8))]
        #expect(barrier.decide(rows, holdsCommit: true, at: Moment(microseconds: 7_999_999)) == .waiting)
        #expect(
            barrier.decide(rows, holdsCommit: true, at: Moment(microseconds: 8_000_000))
                == .elapsed(unreachable: [NodeID(high: 0, low: 2)]))
    }

    @Test func `begins again when the database has lost it`() {
        var barrier = RevocationBarrier(revision: 7, began: Moment(microseconds: 0), lease: .seconds(5))
        #expect(barrier.decide([], holdsCommit: false, at: Moment(microseconds: 1)) == .lost)
    }

    @Test func `a node is dead when it has not renewed for longer than its lease`() {
        var reaper = Reaper()
        let row = Self.row(1, 3)
        #expect(reaper.observe([row], at: Moment(microseconds: 0)).isEmpty)
        #expect(reaper.observe([row], at: Moment(microseconds: 5_000_000)).isEmpty)
        #expect(reaper.observe([row], at: Moment(microseconds: 5_000_001)).count == 1)
        let renewed = NodeRow(id: row.id, renewal: 2, acknowledged: 3, lease: row.lease)
        #expect(reaper.observe([renewed], at: Moment(microseconds: 9_000_000)).isEmpty)
    }
}
