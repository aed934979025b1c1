import Foundation

/// Brings one branch's newest commit into a folder, by git itself and without a checkout: no hook, filter, attribute
/// or configuration of the repository is ever obeyed.
struct GitFetch: Sendable {
    let remote: RepositoryRules.Remote
    let branch: String
    /// Empty, and removed by whoever made it.
    let workspace: URL
    let limits: DeployLimits

    /// A fetched commit: its files, and where their contents are.
    struct Fetched: Sendable {
        let commit: String
        let tree: GitTree
        let contents: Data
        private let places: [String: Range<Int>]

        init(commit: String, tree: GitTree, batch: Data) throws {
            self.commit = commit
            self.tree = tree
            contents = batch
            var places: [String: Range<Int>] = [:]
            var start = batch.startIndex
            // `git cat-file --batch`: OBJECT blob SIZE<LF>CONTENTS<LF>, in the order in which they were asked for.
            for file in tree.files {
                let header = "\(file.object) blob \(file.size)\n".utf8
                guard batch[start...].starts(with: header) else {
                    throw GitTree.Refused(description: "a file is missing")
                }
                let begin = start + header.count
                guard begin + file.size < batch.endIndex else {
                    throw GitTree.Refused(description: "a file is cut off")
                }
                places[file.path] = begin..<(begin + file.size)
                start = begin + file.size + 1
            }
            self.places = places
        }

        func bytes(of path: String) -> Data? { places[path].map { contents[$0] } }
    }

    /// - Throws: `BoundedProcess.Failed`, `GitTree.Refused`, `CancellationError`.
    func run() async throws -> Fetched {
        let git = workspace.appendingPathComponent("repository.git").path
        let list = workspace.appendingPathComponent("list")
        try await call(["init", "--quiet", "--bare", "--template=", git], output: list)
        try await call(
            [
                "--git-dir", git, "-c", "fetch.fsckObjects=true", "fetch", "--quiet", "--depth=1", "--no-tags",
                "--no-recurse-submodules", "--no-write-commit-graph", "--no-auto-maintenance", "--end-of-options",
                remote.url, "+refs/heads/\(branch):refs/heads/fetched",
            ], output: list)
        try await call(["--git-dir", git, "rev-parse", "--verify", "refs/heads/fetched^{commit}"], output: list)
        let commit = String(decoding: try Data(contentsOf: list), as: UTF8.self).trimmingCharacters(in: .newlines)
        try await call(["--git-dir", git, "ls-tree", "-r", "-z", "-l", "--full-tree", commit], output: list)
        let tree = try GitTree(listing: try Data(contentsOf: list), limits: limits)
        let objects = workspace.appendingPathComponent("objects")
        try Data(tree.files.map { $0.object + "\n" }.joined().utf8).write(to: objects)
        let batch = workspace.appendingPathComponent("batch")
        try await call(["--git-dir", git, "cat-file", "--batch"], input: objects, output: batch)
        return try Fetched(commit: commit, tree: tree, batch: try Data(contentsOf: batch, options: .alwaysMapped))
    }

    private func call(_ arguments: [String], input: URL? = nil, output: URL) async throws {
        var environment = [
            "PATH": "/usr/bin:/bin", "HOME": workspace.path, "LC_ALL": "C", "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_TERMINAL_PROMPT": "0", "GIT_ALLOW_PROTOCOL": remote.transport,
            "GIT_NO_REPLACE_OBJECTS": "1", "GIT_ATTR_NOSYSTEM": "1",
        ]
        environment["GIT_SSL_CAINFO"] = remote.authorities
        let process = BoundedProcess(
            program: "/usr/bin/git",
            arguments: [
                "-c", "protocol.allow=never", "-c", "protocol.\(remote.transport).allow=always", "-c",
                "core.hooksPath=/dev/null", "-c", "http.followRedirects=false", "-c", "credential.helper=", "-c",
                "core.askPass=", "-c", "gc.auto=0", "-c", "submodule.recurse=false",
            ] + arguments,
            environment: environment, folder: workspace, timeout: limits.fetchTime, mostBytes: 2 * limits.bytes)
        try await process.run(input: input, output: output)
    }
}
