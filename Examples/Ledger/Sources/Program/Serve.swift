import ArgumentParser
import Hummingbird

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Serves the API and the pages, behind a gateway.")

    @OptionGroup var surroundings: Surroundings

    @Option(help: "A loopback port: only the gateway is to reach it.")
    var port = 8089

    @Option(help: "Keybearer's verification plane.")
    var verification = "http://127.0.0.1:8081"

    @Option(help: "Whose X-Forwarded-For counts, as CIDR blocks.")
    var gateway = ["127.0.0.1/32"]

    @Flag(help: "Behind a gateway that speaks TLS: cookies are for https alone.")
    var https = false

    func run() async throws {
        let workspaces = try surroundings.open()
        guard let door = KeyDoor(verification: verification, gateways: gateway) else {
            throw ValidationError("--verification is a URL or unix:PATH, --gateway a CIDR block")
        }
        let books = workspaces.books
        let router = Router(context: LedgerContext.self)
        router.get("healthz") { _, _ in "ok\n" }
        API(books: books, door: door).add(to: router)
        Pages(books: books, sessions: Sessions(books), keys: workspaces.keys, isSecure: https).add(to: router)
        try await Application(
            router: router,
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: port), serverName: "ledger")
        ).runService()
    }
}
