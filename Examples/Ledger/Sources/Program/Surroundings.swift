import ArgumentParser
import Foundation

/// Where the data lies, and where the key server is.
struct Surroundings: ParsableArguments {
    @Option(help: "The SQLite database.")
    var data = "ledger.sqlite"

    @Option(help: "Keybearer's control plane, for Ledger alone.")
    var control = "http://127.0.0.1:8080"

    @Option(help: "The file with the operator token.")
    var operatorTokenFile: String

    func open() throws -> Workspaces {
        let token = try String(contentsOfFile: operatorTokenFile, encoding: .utf8)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        guard let keys = KeyServer(control: control, operatorToken: token) else {
            throw ValidationError("--control is a URL, and the operator token's file holds one token")
        }
        return Workspaces(books: try Books(path: data), keys: keys)
    }
}
