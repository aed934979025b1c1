import ArgumentParser
import Foundation
import KeybearerAdministration
import KeybearerCommands
import KeybearerControlPlane
import KeybearerStore
import KeybearerVerificationPlane

/// The program: `keybearer COMMAND`.
@main
struct Keybearer: AsyncParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "keybearer", abstract: "Self-hosted organization API keys.", version: version,
        subcommands: [
            Serve.self, UserCommand.self, OrganizationCommand.self, OperatorCommand.self, Backup.self, Restore.self,
            Audit.self, PepperCommand.self, Doctor.self, Settings.self,
        ])

    static func main() async {
        // A reader that closes early must not end the program with a signal.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            end(with: error)
        }
    }

    private static func end(with error: any Error) -> Never {
        let failure: CommandFailure
        switch error {
        case let known as CommandFailure: failure = known
        case let refusal as Failure: failure = CommandFailure(refusal.line, status: refusal.exitStatus)
        case let fault as ConfigurationError: failure = CommandFailure(fault.description, status: .usage)
        case let fault as StoreError: failure = CommandFailure(fault.description)
        case let fault as ControlPlane.StartError: failure = CommandFailure(fault.description)
        case let fault as VerificationPlaneError: failure = CommandFailure(fault.description)
        default: exit(withError: error)
        }
        Terminal.note("keybearer: \(failure.description)")
        Foundation.exit(failure.status.rawValue)
    }
}

extension Failure {
    /// One line, with every field at fault.
    fileprivate var line: String {
        fields.isEmpty ? detail : fields.map { "\($0.pointer.dropFirst()): \($0.detail)" }.joined(separator: "; ")
    }

    fileprivate var exitStatus: ExitStatus {
        switch code {
        case .missing, .invalidToken, .invalidCredentials: .notAuthenticated
        case .insufficientPermissions, .ownerRequired, .userLoginRequired, .operatorRequired, .readOnly, .notAllowed:
            .forbidden
        case .notFound: .notFound
        case .quotaExceeded, .featureNotAvailable: .quotaOrFeature
        case .unavailable, .indeterminate, .busy: .unavailable
        default: .failure
        }
    }
}
