import Foundation
import KeybearerAPI
import KeybearerTestHarness
import Testing

/// Repositories that lie elsewhere and are fetched over https, from a real server and from a hostile one.
@Suite struct `Harbor, repositories over https` {
    private let server: GitServer

    init() throws { server = try GitServer() }

    private func harbor(trusting: Bool = true, _ more: String...) async throws -> RunningHarbor {
        try await RunningHarbor.start(
            ["--git-host", server.place] + (trusting ? ["--git-authorities", server.authority] : []) + more)
    }

    /// A repository on the server with the given pages; its folder.
    @discardableResult
    private func repository(_ harbor: RunningHarbor, _ pages: [String: String] = ["index.html": "from afar"]) throws
        -> URL
    {
        let folder = server.folder.appendingPathComponent("pages.git")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try harbor.git("init", "--quiet", "--initial-branch=main", in: folder)
        try harbor.commit(pages, to: folder)
        return folder
    }

    private func project(_ harbor: RunningHarbor, _ key: String, at path: String) async throws -> String {
        try await harbor.project(path, key, at: "https://\(server.place)/\(path)")
    }

    @Test func `a branch is fetched, published, changed and published again`() async throws {
        let harbor = try await harbor()
        let key = try await harbor.key(["*:*"])
        let folder = try repository(harbor)
        let project = try await project(harbor, key, at: "pages.git/.git")
        let first = try await harbor.deploy(project, key)
        #expect(first.at("status").text == "published", "\(first)")
        #expect(first.at("commit").text == (try harbor.git("rev-parse", "main", in: folder)))
        #expect(try await harbor.page(project).text == "from afar")
        try harbor.git("switch", "--quiet", "-c", "night", in: folder)
        let commit = try harbor.commit(["index.html": "from afar, at night"], to: folder)
        #expect(try await harbor.deploy(project, key, branch: "night").at("commit").text == commit)
        #expect(try await harbor.page(project).text == "from afar, at night")
        let missing = try await harbor.deploy(project, key, branch: "nowhere")
        #expect(missing.at("status").text == "failed")
        #expect(try await harbor.page(project).text == "from afar, at night")
    }

    @Test func `a certificate of nobody known, a redirection and a password prompt are failures`() async throws {
        let harbor = try await harbor()
        let key = try await harbor.key(["*:*"])
        try repository(harbor)
        for (path, reason) in [
            ("elsewhere/pages.git/.git", "returned error: 302"), ("locked/pages.git/.git", "could not read Username"),
            ("nothing.git", "not found"),
        ] {
            let ended = try await harbor.deploy(try await project(harbor, key, at: path), key)
            #expect(ended.at("status").text == "failed", "\(path)")
            #expect(ended.at("reason").text?.contains(reason) == true, "\(path): \(ended)")
        }
        #expect(server.requests.allSatisfy { !$0.hasPrefix("GET /pages.git") }, "a redirection was followed")
        let stranger = try await self.harbor(trusting: false)
        let strangers = try await stranger.key(["*:*"])
        let ended = try await stranger.deploy(
            try await project(stranger, strangers, at: "pages.git/.git"), strangers)
        #expect(ended.at("reason").text?.contains("certificate") == true, "\(ended)")
    }

    @Test func `other ports and hosts than the operator named are refused before anything is asked`() async throws {
        let harbor = try await harbor()
        let key = try await harbor.key(["*:*"])
        for url in [
            "https://localhost/pages.git", "https://localhost:\(server.port + 1)/pages.git",
            "https://127.0.0.1:\(server.port)/pages.git", "https://localhost.:\(server.port)/pages.git",
            "http://\(server.place)/pages.git", "https://user:word@\(server.place)/pages.git",
            "https://\(server.place)@github.com/pages.git", "https://github.com/pages.git",
        ] {
            let reply = try await harbor.call(
                "POST", "/v1/project", key, ["name": "x", "type": "http", "repository": .string(url)])
            #expect(reply.status == 422, "\(url): \(reply.text)")
        }
        #expect(server.requests.isEmpty)
    }

    @Test func `a server that never answers is given up, and the next deployment is not kept waiting`() async throws {
        let harbor = try await harbor("--fetch-seconds", "2")
        let key = try await harbor.key(["*:*"])
        try repository(harbor)
        let silent = try await project(harbor, key, at: "silent/pages.git")
        let good = try await project(harbor, key, at: "pages.git/.git")
        let begun = try await harbor.call("POST", "/v1/project/\(silent)/deployment", key, [:])
        #expect(try await harbor.deploy(good, key).at("status").text == "published")
        let ended = try await harbor.ended(begun.json.at("id").text ?? "", of: silent, key)
        #expect(ended.at("status").text == "failed")
        #expect(ended.at("reason").text == "took longer than 2.0 seconds", "\(ended)")
        try await nothingIsLeft(of: harbor)
    }

    @Test func `a repository that grows beyond what is allowed is cut off while it comes`() async throws {
        let harbor = try await harbor("--repository-megabytes", "1")
        let key = try await harbor.key(["*:*"])
        let folder = try repository(harbor)
        // Nothing that git could compress.
        let noise = try FileHandle(forReadingFrom: URL(fileURLWithPath: "/dev/urandom")).read(upToCount: 24 << 20)
        try #require(noise).write(to: folder.appendingPathComponent("noise.bin"))
        try harbor.commit([:], to: folder)
        let slow = try await harbor.deploy(try await project(harbor, key, at: "slow/pages.git/.git"), key)
        #expect(slow.at("reason").text == "the repository is larger than 2 MiB", "\(slow)")
        // The server was hung up on long before it had sent everything.
        let sent = try #require(await lastSent())
        #expect(sent < 12 << 20)
        let quick = try await harbor.deploy(try await project(harbor, key, at: "pages.git/.git"), key)
        #expect(quick.at("status").text == "failed")
        #expect(quick.at("reason").text?.contains("larger than") == true, "\(quick)")
        try await nothingIsLeft(of: harbor)
    }

    /// How many bytes of the fetch the server got rid of.
    private func lastSent() async throws -> Int? {
        for _ in 0..<100 {
            let large = server.requests.compactMap { line -> (sent: Int, all: Int)? in
                let words = line.split(separator: " ")
                guard words.count == 4, words[0] == "sent", let sent = Int(words[1]), let all = Int(words[3]) else {
                    return nil
                }
                return (sent, all)
            }.last { $0.all > 20 << 20 }
            if let large { return large.sent }
            try await Task.sleep(for: .milliseconds(100))
        }
        return nil
    }

    /// No workspace, and no git that goes on by itself.
    private func nothingIsLeft(of harbor: RunningHarbor) async throws {
        let work = harbor.data.appendingPathComponent("work").path
        for _ in 0..<50 {
            if try FileManager.default.contentsOfDirectory(atPath: work).isEmpty { break }
            try await Task.sleep(for: .milliseconds(100))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: work).isEmpty)
        let children = try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { Int($0) != nil }.filter {
            let command = (try? String(contentsOfFile: "/proc/\($0)/cmdline", encoding: .utf8)) ?? ""
            return command.contains("https://\(server.place)")
        }
        #expect(children.isEmpty)
    }
}
