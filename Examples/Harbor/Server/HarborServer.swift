import ArgumentParser
import Foundation
import HarborPlatform
import Logging

/// `harbor-server`: the platform in one process, until SIGTERM or SIGINT.
@main struct HarborServer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "harbor-server", abstract: "An application platform with Keybearer inside.")

    @Option(help: "The folder of databases and releases.") var data = "harbor-data"
    @Option(help: "Where API and console are served, HOST:PORT.") var listen = "127.0.0.1:8088"
    @Option(help: "Where people reach them; https unless it is a loopback address.") var publicURL: String?
    @Option(help: "Where sites are served, HOST:PORT.") var sites = "127.0.0.1:8089"
    @Option(help: "What stands after a site's name, such as sites.example.com.") var sitesDomain: String?
    @Option(help: "A host that https repositories may be at, HOST or HOST:PORT; may be repeated.")
    var gitHost = ["github.com"]
    @Option(help: "A file of the certificate authorities of those hosts; the system's where left out.")
    var gitAuthorities: String?
    @Option(help: "How long a fetch may take, in seconds.") var fetchSeconds = 60
    @Option(help: "What a repository's files may come to, in MiB.") var repositoryMegabytes = 100
    @Option(help: "The folder that local:NAME repositories are in.") var repositories: String?
    @Option(help: "The address that AI keys are used at.") var aiProvider: String?
    @Flag(help: "Make an invented organization with a project, deploy it, and print what to try.") var demo = false

    func run() async throws {
        let logger = Logger(label: "harbor")
        let (host, port) = try Self.place(listen)
        let (sitesHost, sitesPort) = try Self.place(sites)
        let address = publicURL ?? "http://localhost:\(port)"
        guard address.hasPrefix("https://") || address.hasPrefix("http://localhost:") else {
            throw ValidationError("--public-url is https, unless it is http://localhost")
        }
        let folder = URL(fileURLWithPath: data)
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let root = demo ? repositories ?? folder.appendingPathComponent("repositories").path : repositories
        var settings = Platform.Settings(
            folder: folder, sitesHost: sitesHost, sitesPort: sitesPort,
            sitesDomain: sitesDomain ?? "localhost:\(sitesPort)", sitesScheme: sitesDomain == nil ? "http" : "https",
            repositories: RepositoryRules(
                hosts: Set(gitHost.map { $0.lowercased() }), authorities: gitAuthorities, root: root),
            aiProvider: aiProvider)
        guard (1...3600).contains(fetchSeconds), (1...10_000).contains(repositoryMegabytes) else {
            throw ValidationError("--fetch-seconds is 1 to 3600, --repository-megabytes 1 to 10000")
        }
        settings.limits.fetchTime = .seconds(fetchSeconds)
        settings.limits.bytes = repositoryMegabytes << 20
        try await HarborProgram.serve(
            settings, host: host, port: port, publicURL: address, demo: demo, logger: logger)
    }

    private static func place(_ text: String) throws -> (String, Int) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (1...65535).contains(port)
        else { throw ValidationError("\(text) is not HOST:PORT") }
        return (String(text[..<colon]), port)
    }
}
