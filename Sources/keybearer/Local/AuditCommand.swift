import ArgumentParser
import KeybearerAdministration
import KeybearerCommands
import KeybearerStore
import KeybearerVerification

/// `keybearer audit`: proves that nobody changed what was written.
struct Audit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "The audit log: its events, and the proof that nobody changed them.",
        subcommands: [AuditList.self, Verify.self, Head.self])

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify", abstract: "Recompute every chain; fails at the first break.")
        @Option(help: "CHAIN:POSITION:HASH, as `audit head` printed it earlier; must still be part of its chain.")
        var head: [String] = []
        @OptionGroup var options: DatabaseOptions

        func run() async throws {
            let kept = try head.map { text in
                guard let head = AuditHead(text) else {
                    throw CommandFailure(
                        "--head is CHAIN:POSITION:HASH, as `keybearer audit head` prints it", status: .usage)
                }
                return head
            }
            let node = try await options.open()
            switch try await node.administration.trail.verify(node.store, against: kept, progress: { _ in }) {
            case .intact(let events): Terminal.note("Every chain is intact: \(events) events.")
            case .broken(let chain, let position, let reason):
                throw CommandFailure("chain \(chain) breaks at event \(position): \(reason)")
            case .pruned(let head, let checkpoint):
                throw CommandFailure(
                    """
                    chain \(head.chain): event \(head.position) was pruned at \(checkpoint.at) with all up to \
                    \(checkpoint.position); give a head that is newer
                    """)
            case .truncated(let head):
                throw CommandFailure(
                    "chain \(head.chain) no longer holds event \(head.position) with the hash noted for it")
            }
        }
    }

    struct Head: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "head", abstract: "Print the last link of every chain, to be kept elsewhere.")
        @OptionGroup var options: DatabaseOptions

        func run() async throws {
            let store = try await options.open().store
            for head in try await store.read({ try $0.auditHeads() }) {
                Terminal.print("\(head.chain):\(head.position):\(head.hash.hex)")
            }
        }
    }
}

extension AuditHead {
    /// As `audit head` prints it.
    fileprivate init?(_ text: String) {
        let parts = text.split(separator: ":")
        guard parts.count == 3, let chain = AuditChain(String(parts[0])), let position = Int64(parts[1]), position > 0,
            let digest = KeyDigest(hex: parts[2]), let hash = ChainHash(bytes: digest.bytes)
        else { return nil }
        self.init(chain: chain, position: position, hash: hash)
    }
}
