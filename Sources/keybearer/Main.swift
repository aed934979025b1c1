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
    static let configuration = CommandConfiguration(
        commandName: "keybearer", abstract: "Self-hosted organization API keys.", version: Brand.keybearer.version,
        subcommands: [],
        groupedSubcommands: [
            CommandGroup(
                name: "On the server's machine",
                subcommands: [
                    Serve.self, UserCommand.self, OrganizationCommand.self, OperatorCommand.self, Backup.self,
                    Restore.self, MigrateStore.self,
                    PepperCommand.self, ConfigCommand.self, Doctor.self, Settings.self,
                ]),
            CommandGroup(name: "Anywhere", subcommands: RemoteCommands.withoutAudit + [Audit.self]),
        ])

    static func main() async {
        await CommandLineKit.main(Self.self, brand: .keybearer) { error in
            switch error {
            case let refusal as Failure: CommandFailure(refusal.line, status: refusal.exitStatus)
            case let fault as ConfigurationError: CommandFailure(fault.description, status: .usage)
            case let fault as StoreError: CommandFailure(fault.description)
            case let fault as ControlPlane.StartError: CommandFailure(fault.description)
            case let fault as VerificationPlaneError: CommandFailure(fault.description)
            default: nil
            }
        }
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
