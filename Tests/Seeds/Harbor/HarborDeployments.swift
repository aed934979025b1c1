import Foundation
import KeybearerAPI
import KeybearerTestHarness
import Testing

/// Deployments of real repositories, made here with git.
@Suite struct `Harbor, deployments` {
    @Test func `branches deploy, roll back, and a failed build leaves the site as it is`() async throws {
        let harbor = try await RunningHarbor.start()
        let key = try await harbor.key(["*:*"])
        let folder = try harbor.repository("pages", [("main", "first"), ("night", "second")])
        let project = try await harbor.project("pages", key)
        #expect(try await harbor.page(project).status == 404)
        let first = try await harbor.deploy(project, key, branch: "main")
        #expect(first.at("commit").text == (try harbor.git("rev-parse", "main", in: folder)))
        #expect(try await harbor.page(project).text == "first")
        _ = try await harbor.deploy(project, key, branch: "night")
        #expect(try await harbor.page(project).text == "second")
        let back = try await harbor.call("POST", "/v1/project/\(project)/rollback", key, [:])
        #expect(back.status == 201, "\(back.text)")
        #expect(try await harbor.page(project).text == "first")
        try harbor.git("switch", "--quiet", "-c", "broken", in: folder)
        try harbor.git("rm", "--quiet", "index.html", in: folder)
        try harbor.commit(["about.html": "no first page"], to: folder)
        let failed = try await harbor.deploy(project, key, branch: "broken")
        #expect(failed.at("status").text == "failed")
        #expect(failed.at("reason").text?.contains("index.html") == true)
        #expect(try await harbor.page(project).text == "first")
        #expect(try await harbor.page(project, "/about.html").status == 404)
        // A folder of pages, below which alone is published.
        try harbor.commit(
            ["harbor.json": #"{"publish": "public"}"#, "public/index.html": "public", "secret.txt": "not public"],
            to: folder)
        #expect(try await harbor.deploy(project, key, branch: "broken").at("status").text == "published")
        #expect(try await harbor.page(project).text == "public")
        for path in ["/secret.txt", "/../secret.txt", "/%2e%2e/secret.txt", "/harbor.json", "/..%2fsecret.txt"] {
            #expect(try await harbor.page(project, path).status != 200, "\(path)")
        }
        try harbor.commit(["harbor.json": #"{"publish": "public", "generator": "make"}"#], to: folder)
        #expect(
            try await harbor.deploy(project, key, branch: "broken").at("reason").text?.contains("generator") == true)
    }

    @Test func `a key with project and ID deploys that project and no other`() async throws {
        let harbor = try await RunningHarbor.start()
        let all = try await harbor.key(["*:*"])
        try harbor.repository("pages", [("main", "x")])
        let mine = try await harbor.project("mine", all, repository: "pages")
        let other = try await harbor.project("other", all, repository: "pages")
        let key = try await harbor.made("one", as: "ana@tern.example", in: "tern", ["project/\(mine):deploy"])
        let deployed = try harbor.cli(["deploy", "--project", mine, "--branch", "main"], key: key.at("key").text)
        #expect(deployed.status == 0, "\(deployed.errors)")
        let refused = try harbor.cli(["deploy", "--project", other, "--branch", "main"], key: key.at("key").text)
        #expect(refused.status == 4)
        #expect(try await harbor.page(other).status == 404)
    }

    @Test func `links, submodules, option-like branches and foreign repositories are refused`() async throws {
        let harbor = try await RunningHarbor.start()
        let key = try await harbor.key(["*:*"])
        let folder = try harbor.repository("pages", [("main", "x")])
        let project = try await harbor.project("pages", key)
        try harbor.git("switch", "--quiet", "-c", "link", in: folder)
        try FileManager.default.createSymbolicLink(
            atPath: folder.appendingPathComponent("passwd.html").path, withDestinationPath: "/etc/passwd")
        try harbor.commit([:], to: folder)
        let link = try await harbor.deploy(project, key, branch: "link")
        #expect(link.at("reason").text?.contains("symbolic link") == true)
        try harbor.git("switch", "--quiet", "-c", "module", "main", in: folder)
        let commit = try harbor.git("rev-parse", "HEAD", in: folder)
        try harbor.git("update-index", "--add", "--cacheinfo", "160000,\(commit),inner", in: folder)
        try harbor.git("commit", "--quiet", "-m", "module", in: folder)
        let module = try await harbor.deploy(project, key, branch: "module")
        #expect(module.at("reason").text?.contains("submodule") == true)
        for branch in [
            "--upload-pack=touch /tmp/x", "-main", "a..b", "a b", "main:other", "", "../main", "refs/x.lock",
        ] {
            let reply = try await harbor.call(
                "POST", "/v1/project/\(project)/deployment", key, ["branch": .string(branch)])
            #expect(reply.status == 422, "\(branch): \(reply.text)")
            #expect(reply.code == "invalid_branch")
        }
        let outside = harbor.folder.appendingPathComponent("outside")
        try FileManager.default.createDirectory(at: outside, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            at: harbor.repositories.appendingPathComponent("way-out"), withDestinationURL: outside)
        for repository in [
            "local:../outside", "local:way-out", "local:-x", "file:///etc", "http://github.com/a/b",
            "https://127.0.0.1/a", "https://github.com:8443/a/b", "https://user@github.com/a/b", "ssh://github.com/a",
            "ext::sh -c id", "https://internal.example/a/b",
        ] {
            let reply = try await harbor.call(
                "POST", "/v1/project", key,
                ["name": .string(repository), "type": "http", "repository": .string(repository)])
            #expect(reply.status == 422, "\(repository): \(reply.text)")
            #expect(reply.code == "repository_not_accepted")
        }
    }

    @Test(arguments: ["worker", "cron"])
    func `what is not served is kept, and every answer says so`(type: String) async throws {
        let harbor = try await RunningHarbor.start()
        let key = try await harbor.key(["*:*"])
        try harbor.repository("jobs", [("main", "x")])
        let project = try await harbor.project("jobs", key, type: type)
        let deployed = try await harbor.deploy(project, key)
        #expect(deployed.at("status").text == "published")
        let shown = try await harbor.call("GET", "/v1/project/\(project)", key).json
        #expect(shown.at("outcome").text == "kept")
        #expect(shown.at("url") == .null)
        #expect(shown.at("deployment").text == deployed.at("id").text)
        let output = try await harbor.call("GET", "/v1/build/\(deployed.at("id").text ?? "")", key).json
        #expect(output.at("lines").items.last?.at("text").text == "kept: nothing runs a \(type) here")
        #expect(try await harbor.page(project).status == 404)
        #expect(
            try await harbor.call("GET", "/v1/project/\(project)/metric", key).json.at("requests").integerValue == 0)
        #expect(try harbor.cli(["projects", "--type", type], key: key).output.contains("kept"))
    }

    @Test func `twenty projects deploy at once, and a kill in the middle is recovered at the start`() async throws {
        let harbor = try await RunningHarbor.start()
        let key = try await harbor.key(["*:*"])
        let folder = try harbor.repository("pages", [("main", "the old page")])
        var files: [String: String] = [:]
        for number in 0..<200 { files["more/\(number).html"] = String(repeating: "\(number) ", count: 500) }
        try harbor.commit(files, to: folder)
        var projects: [String] = []
        for number in 0..<20 { projects.append(try await harbor.project("p\(number)", key, repository: "pages")) }
        func all(_ words: String) async throws {
            for project in projects { #expect(try await harbor.page(project).text == words) }
        }
        try await withThrowingTaskGroup(of: String?.self) { group in
            for project in projects {
                group.addTask { try await harbor.deploy(project, key).at("status").text }
            }
            for try await status in group { #expect(status == "published") }
        }
        try await all("the old page")
        try harbor.commit(["index.html": "the new page"], to: folder)
        var begun: [(String, String)] = []
        for project in projects {
            let reply = try await harbor.call("POST", "/v1/project/\(project)/deployment", key, [:])
            begun.append((project, reply.json.at("id").text ?? ""))
        }
        // Killed as soon as one is being worked on; most still wait then.
        var isAtWork = false
        while !isAtWork {
            let builds = try await harbor.call("GET", "/v1/build?limit=20", key).json.at("data").items
            let states = builds.compactMap { $0.at("status").text }
            isAtWork = states.contains("fetching") || states.contains("building")
            if states.allSatisfy({ $0 == "published" }) { break }
        }
        harbor.kill()
        #expect(isAtWork)
        try await harbor.start()
        var attempts: [Int64] = []
        for (project, deployment) in begun {
            let ended = try await harbor.ended(deployment, of: project, key)
            #expect(ended.at("status").text == "published")
            attempts.append(ended.at("attempts").integerValue ?? 0)
        }
        #expect(attempts.contains(2))
        try await all("the new page")
        let work = try FileManager.default.contentsOfDirectory(atPath: harbor.data.appendingPathComponent("work").path)
        #expect(work.isEmpty)
    }

    @Test func `sites have an origin of their own each, and the console none of their pages`() async throws {
        let harbor = try await RunningHarbor.start()
        let key = try await harbor.key(["*:*"])
        try harbor.repository("pages", [("main", "a page")])
        let project = try await harbor.project("pages", key)
        _ = try await harbor.deploy(project, key)
        let url = try await harbor.call("GET", "/v1/project/\(project)", key).json.at("url").text
        #expect(url == "http://\(project.dropFirst(4)).localhost:\(harbor.sitesPort)")
        #expect(try await harbor.page(project, host: "another.localhost:\(harbor.sitesPort)").status == 404)
        #expect(try await harbor.page(project, "/api-keys").status == 404)
        let page = try await harbor.page(project)
        #expect(page.header("Set-Cookie") == nil)
        #expect(page.header("Content-Type")?.hasPrefix("text/html") == true)
        let site = "\(project.dropFirst(4)).localhost"
        let console = try await RawHTTP.request(
            port: harbor.port, "GET / HTTP/1.1\r\nHost: \(site)\r\nConnection: close")
        #expect(!console.text.contains("a page"))
    }
}
