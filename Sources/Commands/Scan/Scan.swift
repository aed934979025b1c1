import ArgumentParser
import Foundation
import KeybearerAPI
import KeybearerClient

/// `scan`: finds keys in files and in git's history, offline.
public struct Scan: AsyncParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, sarif }

    public static let configuration = CommandConfiguration(
        commandName: "scan",
        abstract: "Find keys in files or in a repository's history; offline, by prefix and checksum.",
        discussion: """
            Ends with 1 where a key is found, with 2 where something could not be read, with 0 otherwise. What a \
            \(IgnoreRules.fileName) at the top names is left out: paths as in .gitignore, or sha256: and a digest.
            """)

    @Argument(help: "Files and folders; the current folder where none is named.", completion: .file())
    var paths: [String] = []
    @Flag(help: "Search the whole history of the repository instead of its files.") var git = false
    @Flag(help: "Search what would be committed now: for a pre-commit hook.") var staged = false
    @Option(help: "text, json or sarif.") var format: Format = .text
    @Option(name: .customLong("prefix"), help: "The prefix of keys, sk where left out; repeatable.")
    var prefixes: [String] = []
    @Flag(help: "Ask the server about each key, by its digest: the key itself never leaves the machine.")
    var check = false
    @OptionGroup var options: ConnectionOptions

    public init() {}

    public func validate() throws {
        guard !git || !staged else { throw ValidationError("--git and --staged exclude each other") }
        guard !(git || staged) || paths.count <= 1 else { throw ValidationError("--git takes one folder") }
    }

    public func run() async throws {
        Terminal.isQuiet = options.quiet
        guard let matcher = KeyMatcher(prefixes: (prefixes.isEmpty ? ["sk"] : prefixes) + ["kbs", "kbo"]) else {
            throw CommandFailure("a prefix is 2 to 16 characters of a-z, 0-9 and _", status: .usage)
        }
        var result = try search(matcher)
        result.findings.sort {
            ($0.path ?? "", $0.line ?? 0, $0.column ?? 0) < ($1.path ?? "", $1.line ?? 0, $1.column ?? 0)
        }
        if check { result.findings = try await checked(result.findings) }
        try print(result.findings)
        for path in result.unreadable { Terminal.error("\(Brand.current.name): \(path.printable) cannot be read") }
        let noun = git ? "object" : "file"
        let megabytes = Double(result.bytes / 100_000) / 10
        Terminal.note(
            "\(CountedNoun.words(result.findings.count, "key")) in \(CountedNoun.words(result.files, noun)), \(megabytes) MB."
        )
        guard result.findings.isEmpty else { throw CommandFailure("", status: .failure) }
        guard result.unreadable.isEmpty else { throw CommandFailure("", status: .usage) }
    }

    private func search(_ matcher: KeyMatcher) throws -> ScanResult {
        let progress = ProgressLine("Searching")
        if git || staged {
            let top = try Git.top(of: paths.first ?? ".")
            let rules = try IgnoreRules(folder: top)
            let scan = GitScan(matcher: matcher, rules: rules, folder: top, progress: progress)
            return try (staged ? scan.staged() : scan.history()).without(rules.knownKeys)
        }
        let paths = paths.isEmpty ? ["."] : paths
        var facts = stat()
        let isOneFolder = paths.count == 1 && stat(paths[0], &facts) == 0 && facts.st_mode & S_IFMT == S_IFDIR
        let root = isOneFolder ? paths[0] : "."
        let rules = try IgnoreRules(folder: root)
        return try FileScan(matcher, rules: rules, root: root, progress: progress).run(paths).without(rules.knownKeys)
    }

    /// What the organization that asks knows of each key; nothing more is sent than SHA-256.
    private func checked(_ findings: [Finding]) async throws -> [Finding] {
        let client = try options.client()
        var answers: [String: String] = [:]
        for digest in Set(findings.map(\.sha256)).sorted() {
            do {
                let key = try await client.lookUpKey(sha256: digest)
                answers[digest] = "\(key.status), \(key.id)"
            } catch {
                guard error.code == "not_found" else { throw error }
                answers[digest] = "not a key of this organization"
            }
        }
        return findings.map { finding in
            var finding = finding
            finding.status = answers[finding.sha256]
            return finding
        }
    }

    private func print(_ findings: [Finding]) throws {
        switch format {
        case .json: Terminal.print(JSON.array(findings.map(\.json)).line)
        case .sarif:
            Terminal.print(SARIF.report(findings, brand: Brand.current).line)
            if findings.count > SARIF.mostResults {
                Terminal.error("\(Brand.current.name): only the first \(SARIF.mostResults) keys are in the report")
            }
        case .text:
            guard !findings.isEmpty else { return }
            let lines = findings.map { finding in
                let status = finding.status.map { " (\($0))" } ?? ""
                return "\(finding.place): \(finding.kind) \(finding.preview)\(status)"
            }
            Terminal.print(lines.joined(separator: "\n"))
        }
    }
}

extension ScanResult {
    fileprivate func without(_ known: Set<String>) -> ScanResult {
        var result = self
        result.findings.removeAll { known.contains($0.sha256) }
        return result
    }
}
