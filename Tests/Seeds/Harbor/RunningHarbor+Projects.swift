import Foundation
import KeybearerAPI
import KeybearerTestHarness

extension RunningHarbor {
    // MARK: Repositories

    @discardableResult
    func git(_ arguments: String..., in folder: URL) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/git")
        process.arguments = ["-c", "user.name=Test", "-c", "user.email=test@tern.example"] + arguments
        process.environment = ["PATH": "/usr/bin:/bin", "HOME": folder.path, "GIT_CONFIG_NOSYSTEM": "1"]
        process.currentDirectoryURL = folder
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.runAlone()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw HarnessError("git \(arguments) failed") }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// A repository whose branches each hold one page with the given words; its folder.
    @discardableResult
    func repository(_ name: String, _ branches: [(String, String)]) throws -> URL {
        let folder = repositories.appendingPathComponent(name)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try git("init", "--quiet", "--initial-branch=\(branches.first?.0 ?? "main")", in: folder)
        for (index, (branch, words)) in branches.enumerated() {
            if index > 0 { try git("switch", "--quiet", "-c", branch, in: folder) }
            try commit(["index.html": words], to: folder)
        }
        return folder
    }

    /// The commit's name.
    @discardableResult
    func commit(_ files: [String: String], to folder: URL) throws -> String {
        for (path, text) in files {
            let file = folder.appendingPathComponent(path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try text.write(to: file, atomically: false, encoding: .utf8)
        }
        try git("add", "--all", in: folder)
        try git("commit", "--quiet", "--allow-empty", "-m", "change", in: folder)
        return try git("rev-parse", "HEAD", in: folder)
    }

    // MARK: Projects

    /// The project's id.
    func project(_ name: String, _ key: String, type: String = "http", repository: String? = nil) async throws
        -> String
    {
        try await project(name, key, type: type, at: "local:\(repository ?? name)")
    }

    /// The id of a project whose repository is at the given address.
    func project(_ name: String, _ key: String, type: String = "http", at address: String) async throws -> String {
        let reply = try await call(
            "POST", "/v1/project", key,
            ["name": .string(name), "type": .string(type), "repository": .string(address)])
        try reply.mustSucceed()
        return reply.json.at("id").text ?? ""
    }

    /// Deploys and waits for the end.
    func deploy(_ project: String, _ key: String, branch: String? = nil) async throws -> JSON {
        let reply = try await call(
            "POST", "/v1/project/\(project)/deployment", key, ["branch": branch.map { .string($0) } ?? .null])
        try reply.mustSucceed()
        return try await ended(reply.json.at("id").text ?? "", of: project, key)
    }

    func ended(_ deployment: String, of project: String, _ key: String) async throws -> JSON {
        for _ in 0..<60 {
            let reply = try await call(
                "GET", "/v1/project/\(project)/deployment/\(deployment)?after=\(Int32.max)&wait=2", key)
            try reply.mustSucceed()
            let shown = reply.json.at("deployment")
            if ["published", "failed"].contains(shown.at("status").text ?? "") { return shown }
        }
        throw HarnessError("the deployment did not end:\n\(logText)")
    }

    /// What the project's site answers.
    func page(_ project: String, _ path: String = "/", host: String? = nil) async throws -> Reply {
        let name = host ?? "\(project.dropFirst(4)).localhost:\(sitesPort)"
        let raw = try await RawHTTP.exchange(
            port: sitesPort, [Array("GET \(path) HTTP/1.1\r\nHost: \(name)\r\nConnection: close\r\n\r\n".utf8)])
        let text = String(decoding: raw, as: UTF8.self)
        let parts = text.components(separatedBy: "\r\n\r\n")
        let lines = parts[0].components(separatedBy: "\r\n")
        let fields = lines.dropFirst().compactMap { line -> (String, String)? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            return (String(line[..<colon]), line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces))
        }
        return Reply(
            status: Int(lines[0].split(separator: " ").dropFirst().first ?? "") ?? 0, headers: fields,
            body: Array(parts.dropFirst().joined(separator: "\r\n\r\n").utf8))
    }
}
