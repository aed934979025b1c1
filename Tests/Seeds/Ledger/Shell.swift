import Foundation
import KeybearerTestHarness

/// Programs that a reader of the documentation would run.
enum Shell {
    static func run(
        _ program: String, _ arguments: [String], input: String = "", environment: [String: String] = [:],
        in folder: URL? = nil
    ) throws -> Program.Outcome {
        let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("ledger-sh-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: scratch) }
        let (entry, output, errors) = (
            scratch.appendingPathComponent("in"), scratch.appendingPathComponent("out"),
            scratch.appendingPathComponent("err")
        )
        try input.write(to: entry, atomically: false, encoding: .utf8)
        for file in [output, errors] { try Data().write(to: file) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.environment = Program.environment.merging(environment) { $1 }
        process.currentDirectoryURL = folder ?? scratch
        process.standardInput = try FileHandle(forReadingFrom: entry)
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.runAlone()
        process.waitUntilExit()
        return Program.Outcome(
            status: process.terminationStatus, output: try String(contentsOf: output, encoding: .utf8),
            errors: try String(contentsOf: errors, encoding: .utf8))
    }

    /// A line as it is pasted.
    static func line(_ text: String, in folder: URL? = nil) throws -> Program.Outcome {
        try run("/bin/bash", ["-c", text], in: folder)
    }
}

/// Somebody at the pages without a screen: curl with a jar of cookies, one request at a time.
final class LedgerVisitor {
    struct Page {
        let status: Int
        let location: String?
        let html: String
    }

    private let stack: LedgerStack
    private let jar: URL
    private let language: String

    init(_ stack: LedgerStack, language: String = "en") {
        self.stack = stack
        self.language = language
        jar = stack.folder.appendingPathComponent("jar-\(UUID().uuidString)")
    }

    /// Signs in at Ledger.
    convenience init(_ stack: LedgerStack, _ email: String, in slug: String, language: String = "en") throws {
        self.init(stack, language: language)
        let page = try post("/sign-in", [("email", email), ("password", LedgerStack.password)])
        guard page.status == 303 else { throw HarnessError("\(page.status): \(page.html)") }
        try post(form: "/organizations", on: "/organizations", [("workspace", slug)])
    }

    /// Goes on from Ledger to the key pages.
    func openKeys() throws {
        let asked = try get("/api-keys")
        guard asked.status == 303 else { return }
        guard let link = try get(asked.location ?? "").location else { throw HarnessError("no link: \(asked)") }
        let signedIn = try post(form: link, on: link)
        guard signedIn.location == "/api-keys" else { throw HarnessError("not signed in: \(signedIn)") }
    }

    func get(_ path: String) throws -> Page { try curl(path, []) }

    /// Goes where a page sends its visitor.
    func open(_ path: String) throws -> Page {
        var page = try get(path)
        for _ in 0..<4 {
            guard page.status == 303, let next = page.location else { break }
            page = try get(next)
        }
        return page
    }

    func post(_ path: String, _ fields: [(String, String)]) throws -> Page {
        try curl(path, fields.flatMap { ["--data-urlencode", "\($0.0)=\($0.1)"] })
    }

    /// Presses a form's button on a page: with the hidden fields that the page gave it.
    @discardableResult
    func post(form action: String, on page: String, _ fields: [(String, String)] = []) throws -> Page {
        let html = try open(page).html
        let path =
            action.hasPrefix("http") ? "/" + action.split(separator: "/").dropFirst(2).joined(separator: "/") : action
        guard let form = html.components(separatedBy: "<form").first(where: { $0.contains("action=\"\(path)\"") })
        else { throw HarnessError("no form for \(path) on \(page): \(html)") }
        let hidden = form.components(separatedBy: "</form>")[0].matches(
            of: /type="hidden" name="([^"]*)" value="([^"]*)"/
        ).map { (String($0.1), String($0.2)) }
        let own = fields.map(\.0)
        return try post(action, hidden.filter { !own.contains($0.0) } + fields)
    }

    private func curl(_ path: String, _ more: [String]) throws -> Page {
        let url = path.hasPrefix("http") ? path : "http://localhost:\(stack.port)\(path)"
        let outcome = try Shell.run(
            "/usr/bin/curl",
            ["-4", "-sS", "-i", "-b", jar.path, "-c", jar.path, "-H", "Accept-Language: \(language)"] + more + [url])
        guard outcome.status == 0 else { throw HarnessError(outcome.errors) }
        let parts = outcome.output.replacing("\r\n", with: "\n").split(
            separator: "\n\n", maxSplits: 1, omittingEmptySubsequences: false)
        let head = parts[0].split(separator: "\n")
        let location = head.first { $0.lowercased().hasPrefix("location: ") }.map { String($0.dropFirst(10)) }
        return Page(
            status: Int(head[0].split(separator: " ")[1]) ?? 0, location: location,
            html: parts.count == 2 ? String(parts[1]) : "")
    }
}
