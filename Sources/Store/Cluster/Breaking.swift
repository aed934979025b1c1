import Foundation
import KeybearerAdministration
import KeybearerCluster
import Synchronization

/// What this process breaks of the protocol: nothing, but in debug builds what its environment names, so that the test
/// which looks for violations can be shown to find them.
enum Breaking {
    /// Steps at which a process of a debug build can be made to stand still.
    enum Gate: String { case registering, applying }

    #if KEYBEARER_BREAKABLE
        static let rule = Breakage(variable("BREAK_KEYBEARER_RULE").flatMap(Rule.init(rawValue:)))
        /// How fast the clock that leases are measured by runs, as a multiple of the machine's.
        static let clockRate = variable("BREAK_KEYBEARER_CLOCK").flatMap(Double.init)
        /// A folder of the test's: a file named like a gate closes it, and `NAME.reached` says that somebody stands there.
        private static let folder = variable("BREAK_KEYBEARER_FOLDER")

        private static func variable(_ name: String) -> String? { ProcessInfo.processInfo.environment[name] }

        static func pass(_ gate: Gate) {
            guard let folder else { return }
            let path = "\(folder)/\(gate.rawValue)"
            while access(path, F_OK) == 0 {
                if access("\(path).reached", F_OK) != 0 { close(creat("\(path).reached", 0o600)) }
                usleep(1000)
            }
        }

        /// The name of a node that this process is to be taken for, as its copy would be, in its next registration alone.
        static func takeTwin() -> String? {
            guard let path = folder.map({ "\($0)/twin" }) else { return nil }
            defer { unlink(path) }
            return try? String(contentsOfFile: path, encoding: .utf8)
        }
    #else
        static let rule = Breakage()
        static func pass(_ gate: Gate) {}
        static func takeTwin() -> String? { nil }
    #endif
}

extension PostgreSQLSession {
    /// The name under which a node is registered.
    func id(ofNodeNamed name: String) throws -> NodeID? {
        try read { connection in
            try connection.row("SELECT id FROM cluster_node WHERE name = $1 AND is_dead = 0", [.text(name)])
                .flatMap { NodeID(text: try $0.text(0)) }
        }
    }

    /// The number that a renewal has to name, whoever renewed last; what was known of it, where the rule holds.
    func renewals(of id: NodeID, known: Int64) throws -> Int64 {
        guard Breaking.rule.ignores(.renewalNumbersAreCompared) else { return known }
        return try read { connection in
            try connection.row("SELECT renewal FROM cluster_node WHERE id = $1", [.text(id.text)])?.integer(0) ?? known
        }
    }
}

/// A commit, for the rules about when its wait begins and what its answer is; in debug builds alone it knows anything.
final class BreakableCommit<Value: Sendable>: Sendable {
    #if KEYBEARER_BREAKABLE
        private let asked = Moment.now()
        private let prepared = Mutex<Prepared<Value>?>(nil)

        func note(_ prepared: Prepared<Value>) { self.prepared.withLock { $0 = prepared } }

        /// When the wait is taken to have begun; nil for after the commit.
        var began: Moment? {
            if Breaking.rule.ignores(.waitBeginsAfterTheCommit) { return asked }
            return Breaking.rule.ignores(.repeatedRevokeWaitsToo) && isRepetition ? Moment(microseconds: 0) : nil
        }

        /// What is answered as done although nobody knows.
        var presumed: Value? {
            Breaking.rule.ignores(.unknownOutcomeIsNoSuccess) ? prepared.withLock { $0?.value } : nil
        }

        private var isRepetition: Bool {
            prepared.withLock { prepared in
                prepared?.changes.contains { change in
                    if case .appendAudit(let event) = change {
                        event.details.contains(#""repeated":true"#)
                    } else {
                        false
                    }
                } ?? false
            }
        }
    #else
        func note(_ prepared: Prepared<Value>) {}
        var began: Moment? { nil }
        var presumed: Value? { nil }
    #endif
}
