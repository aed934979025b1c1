import Foundation
import KeybearerAPI
import KeybearerTestHarness
import Synchronization

/// Threads that ask every node about the subjects, those that were altered last most of all.
final class Load: Sendable {
    struct Counts: Sendable {
        var accepted = 0
        var refused = 0
        var unavailable = 0
    }

    private let subjects = Mutex<[Subject]>([])
    private let latest = Mutex<[Subject]>([])
    private let counts = Mutex(Counts())
    private let isOver = Atomic(false)
    private let running = DispatchGroup()

    /// - Parameters:
    ///   - ports: of the nodes' verification planes.
    ///   - patience: milliseconds to wait for an answer.
    init(_ ports: [Int], threadsPerNode: Int = 3, patience: Int = 150) {
        for (node, port) in ports.enumerated() {
            for _ in 0..<threadsPerNode {
                running.enter()
                Thread.detachNewThread { [self] in
                    ask(node, port, patience)
                    running.leave()
                }
            }
        }
    }

    func include(_ subject: Subject) { subjects.withLock { $0.append(subject) } }

    /// Has just been altered.
    func notice(_ subject: Subject) {
        latest.withLock { latest in
            latest.append(subject)
            if latest.count > 6 { latest.removeFirst() }
        }
    }

    func clear() {
        subjects.withLock { $0 = [] }
        latest.withLock { $0 = [] }
    }

    /// Ends the threads; what they counted.
    func stop() -> Counts {
        isOver.store(true, ordering: .relaxed)
        running.wait()
        return counts.withLock { $0 }
    }

    private func ask(_ node: Int, _ port: Int, _ patience: Int) {
        let connection = KeptConnection(port: port, patience: patience)
        var random = SystemRandomNumberGenerator()
        while !isOver.load(ordering: .relaxed) {
            let isRecent = Bool.random(using: &random)
            let pick =
                isRecent ? latest.withLock { $0.randomElement() } : subjects.withLock { $0.randomElement() }
            guard let subject = pick else {
                usleep(2_000)
                continue
            }
            let sent = instant()
            let answer = connection.ask(subject.question)
            let received = instant()
            note(answer, node, subject, sent, received)
            usleep(700)
        }
    }

    private func note(_ answer: [UInt8]?, _ node: Int, _ subject: Subject, _ sent: Instant, _ received: Instant) {
        guard let answer else {
            counts.withLock { $0.unavailable += 1 }
            usleep(5_000)
            return
        }
        let text = String(decoding: answer, as: UTF8.self)
        if text.contains(#""valid":true"#) {
            subject.accepted(Acceptance(node: node, sent: sent, received: received))
            counts.withLock { $0.accepted += 1 }
        } else if text.contains(#""code":"unavailable""#) {
            counts.withLock { $0.unavailable += 1 }
        } else {
            counts.withLock { $0.refused += 1 }
        }
    }
}

/// Alters subjects through whichever node, as people and backends do.
struct Changers: Sendable {
    let trio: Trio
    let load: Load
    let denials: Counter

    final class Counter: Sendable {
        private let count = Atomic(0)
        func add() { count.add(1, ordering: .relaxed) }
        var value: Int { count.load(ordering: .relaxed) }
    }

    /// Revokes the keys of a list one after the other, now and then twice at once.
    func revoke(_ keys: [(id: String, subject: Subject)]) async {
        for (id, subject) in keys {
            if Task.isCancelled { return }
            async let first = revoke(id, subject)
            if Int.random(in: 0..<5) == 0 { _ = await revoke(id, subject) }
            if await !first { _ = await revoke(id, subject) }
        }
    }

    private func revoke(_ id: String, _ subject: Subject) async -> Bool {
        load.notice(subject)
        let isDone = await subject.alter(.denies) {
            await send("POST", "/v1/api-keys/\(id)/revoke", "tern") { reply in
                reply.json.at("revocation", "complete").boolValue == true
            }
        }
        if isDone { denials.add() }
        return isDone
    }

    /// Takes something away and gives it back, until an answer stays away: what may still happen later proves nothing.
    func toggle(_ subject: Subject, _ method: String, _ path: String, _ slug: String, deny: JSON, allow: JSON) async {
        while !Task.isCancelled {
            load.notice(subject)
            if await subject.alter(.denies, { await send(method, path, slug, deny) { _ in true } }) {
                denials.add()
            }
            try? await Task.sleep(for: .milliseconds(Int.random(in: 1...60)))
            if await !subject.alter(.allows, { await send(method, path, slug, allow) { _ in true } }) { return }
            try? await Task.sleep(for: .milliseconds(Int.random(in: 5...80)))
        }
    }

    private func send(
        _ method: String, _ path: String, _ slug: String, _ body: JSON? = nil, _ isDone: (Reply) -> Bool
    ) async -> Bool {
        let node = trio.nodes.randomElement() ?? trio.nodes[0]
        let headers =
            path.hasPrefix("/v1/operator")
            ? [("Authorization", "Bearer \(trio.team.operatorToken)")]
            : trio.team.acting(as: Trio.owner, in: slug)
        do {
            let reply = try await node.control.send(method, path, headers, bytes: body?.serialized(), patience: 5)
            return (200..<300).contains(reply.status) && reply.status != 202 && isDone(reply)
        } catch {
            return false
        }
    }
}
