import Foundation
import Synchronization

/// What clients saw, by one clock: nanoseconds since the machine started.
typealias Instant = Int64

func instant() -> Instant {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

/// A change of what a key may do, as its caller saw it.
struct Alteration: Sendable {
    enum Kind: Sendable { case denies, allows }

    let kind: Kind
    let invoked: Instant
    /// nil where success was never answered: it may have taken place, or may still.
    var returned: Instant?
}

/// A verification that was answered `valid`.
struct Acceptance: Sendable {
    let node: Int
    let sent: Instant
    let received: Instant
}

/// All that happened to one thing that is asked about, such as a key.
struct SubjectHistory: Sendable {
    var alterations: [Alteration] = []
    var acceptances: [Acceptance] = []

    /// An acceptance that was sent after a denial had returned, with nothing in between that could have allowed it.
    struct Violation: Sendable, CustomStringConvertible {
        let acceptance: Acceptance
        let denied: Instant

        var description: String {
            let late = Double(acceptance.sent - denied) / 1_000_000
            return "node-\(acceptance.node) accepted a request sent \(late) ms after the denial had returned"
        }
    }

    var violations: [Violation] {
        acceptances.compactMap { acceptance in
            let denials = alterations.filter { alteration in
                alteration.kind == .denies && alteration.returned.map { $0 < acceptance.sent } ?? false
            }
            guard let last = denials.max(by: { $0.invoked < $1.invoked }), let denied = last.returned else {
                return nil
            }
            // One whose outcome is unknown may take effect whenever it likes.
            let mayBeAllowed = alterations.contains { alteration in
                alteration.kind == .allows && alteration.invoked < acceptance.received
                    && (alteration.returned == nil || alteration.invoked > last.invoked)
            }
            return mayBeAllowed ? nil : Violation(acceptance: acceptance, denied: denied)
        }
    }
}

/// One thing that is asked about and altered; its history grows from many threads.
final class Subject: Sendable {
    /// The whole request that asks.
    let question: [UInt8]
    private let history = Mutex(SubjectHistory())

    init(question: [UInt8]) { self.question = question }

    /// A key, asked for a permission.
    convenience init(key: String, permission: String = "project:deploy") {
        let body = #"{"key":"\#(key)","permission":"\#(permission)"}"#
        let head = """
            POST /v1/verify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
            Content-Length: \(body.utf8.count)\r\n\r\n
            """
        self.init(question: Array((head + body).utf8))
    }

    func accepted(_ acceptance: Acceptance) { history.withLock { $0.acceptances.append(acceptance) } }

    func alter(_ kind: Alteration.Kind, _ body: () async -> Bool) async -> Bool {
        let invoked = instant()
        let position = history.withLock { history in
            history.alterations.append(Alteration(kind: kind, invoked: invoked))
            return history.alterations.count - 1
        }
        let isDone = await body()
        let returned = instant()
        if isDone { history.withLock { $0.alterations[position].returned = returned } }
        return isDone
    }

    var recorded: SubjectHistory { history.withLock { $0 } }
}
