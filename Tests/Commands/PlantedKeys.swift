import Foundation
import KeybearerTestHarness
import Testing

/// Every key that was planted is found, and nothing else.
@Suite struct `Planted keys` {
    private static func plant(_ arguments: String, _ stage: Stage) throws -> Program.Outcome {
        let script = Transcript.folder.deletingLastPathComponent().appendingPathComponent("plant.py").path
        return try stage.run("python3 \(script) \(arguments)")
    }

    @Test func `1,000 keys among 100 MB of text and noise`() async throws {
        let stage = try await Stage()
        let planted = try Self.plant("tree tree 100 1000", stage)
        #expect(planted.status == 0, "\(planted.errors)")
        let outcome = try stage.run("keybearer scan tree")
        #expect(outcome.status == 1)
        #expect(Set(outcome.output.split(separator: "\n")).count == 1000, "\(planted.output)")
        #expect(outcome.errors.contains("1000 keys in 500 files"))
    }

    @Test func `1,000 keys in the history of 10,000 commits, each with its commit and path`() async throws {
        let stage = try await Stage()
        let planted = try Self.plant("history clone 10000 1000", stage)
        #expect(planted.status == 0, "\(planted.errors)")
        let outcome = try stage.run(
            "keybearer scan --git clone --format json --quiet > found; jq length found; "
                + "jq '[.[] | select(.path == null or .commit == null)] | length' found; "
                + "jq -r '.[0] | .commit + \":\" + .path' found > first; "
                + "git -C clone show \"$(cat first)\" > version; keybearer scan version --quiet | wc -l")
        #expect(outcome.output == "1000\n0\n1\n", "\(planted.output)\(outcome.errors)")
    }

    @Test func `a hook refuses a commit that holds a key`() async throws {
        let stage = try await Stage()
        let outcome = try stage.run(
            """
            git init -q repository; cd repository
            git config user.name T; git config user.email t@t.example
            printf '#!/bin/sh\\nexec keybearer scan --staged --quiet\\n' > .git/hooks/pre-commit
            chmod +x .git/hooks/pre-commit
            echo clean > a.txt; git add .; git commit -qm one || echo refused one
            echo "$CI_KEY" > b.txt; git add .; rm b.txt; git commit -qm two > /dev/null || echo refused two
            git log --format=%s
            """)
        #expect(outcome.output == "refused two\none\n", "\(outcome.errors)")
    }
}
