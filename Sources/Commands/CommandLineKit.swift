import ArgumentParser
import Foundation
import KeybearerClient
import Synchronization

/// Runs a program made of commands: parses, runs, and ends with one line and a status where something failed.
///
/// Give every command a `commandName`: where it is left out, ArgumentParser derives it from the type at each start, which
/// takes a third of it.
public enum CommandLineKit {
    private static let root = Mutex<(any ParsableCommand.Type)?>(nil)

    /// The program's first command, for its completions.
    static var rootCommand: (any ParsableCommand.Type)? { root.withLock { $0 } }

    /// - Parameter translate: what the program's own errors are to a person; nil for those it does not know.
    public static func main(
        _ command: any ParsableCommand.Type, brand: Brand,
        translating translate: @Sendable (any Error) -> CommandFailure? = { _ in nil }
    ) async {
        // A reader that closes early must not end the program with a signal.
        signal(SIGPIPE, SIG_IGN)
        Brand.mount(brand)
        root.withLock { $0 = command }
        do {
            var parsed = try command.parseAsRoot()
            if var asynchronous = parsed as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try parsed.run()
            }
        } catch {
            let known = error as? CommandFailure ?? (error as? ClientError).map { CommandFailure($0) }
            guard let failure = known ?? translate(error) else { command.exit(withError: error) }
            if !failure.description.isEmpty { Terminal.error("\(brand.name): \(failure.description)") }
            Foundation.exit(failure.status.rawValue)
        }
    }
}

extension CommandFailure {
    /// A call's failure in a sentence, with the request's name for whoever reads the server's log.
    init(_ error: ClientError) {
        var sentence = error.description
        if case .refused(let refused) = error {
            if refused.code == "organization_required" {
                sentence = "for which organization? Choose one with `\(Brand.current.name) org set` or --org"
            }
            if let seconds = refused.retryAfterSeconds {
                sentence += "; try again in \(CountedNoun.words(seconds, "second"))"
            }
        }
        if let requestID = error.requestID { sentence += " [\(requestID)]" }
        self.init(sentence, status: ExitStatus(error))
    }
}

extension ExitStatus {
    init(_ error: ClientError) {
        switch error {
        case .unreachable, .timedOut, .unintelligible: self = .unavailable
        case .secretLost: self = .failure
        case .invalidURL: self = .usage
        case .refused(let refused): self = ExitStatus(refused)
        }
    }

    private init(_ refused: Refused) {
        switch (refused.status, refused.code) {
        case (_, "quota_exceeded"), (_, "feature_not_available"), (_, "organization_limit"): self = .quotaOrFeature
        case (_, "organization_required"): self = .usage
        case (401, _): self = .notAuthenticated
        case (403, _): self = .forbidden
        case (404, _): self = .notFound
        case (429, _), (500..., _): self = .unavailable
        default: self = .failure
        }
    }
}
