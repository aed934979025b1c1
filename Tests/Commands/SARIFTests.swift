import Foundation
import KeybearerTestHarness
import Testing

/// Reports of `scan` for code scanning, held against the schema and GitHub's rules by a reader that is not ours.
@Suite struct `Reports in SARIF` {
    private static let root = Transcript.folder.deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    private static let python = root.appendingPathComponent(".build/sarif-environment/bin/python").path
    private static var hasReader: Bool { FileManager.default.isExecutableFile(atPath: python) }
    private static let check =
        "\(python) \(Transcript.folder.deletingLastPathComponent().appendingPathComponent("check_sarif.py").path)"

    @Test func `the reader is here, where CI says so`() {
        guard ProcessInfo.processInfo.environment["CI"] == "true" else { return }
        #expect(Self.hasReader, "run Scripts/sarif-environment")
    }

    @Test(.enabled(if: hasReader, "*** SARIF NOT CHECKED: run Scripts/sarif-environment ***"))
    func `keep the schema, whatever names files have and wherever the keys are`() async throws {
        let stage = try await Stage()
        let planted = try stage.run(
            """
            git init -q -b main tree; cd tree; git config user.name T; git config user.email t@t.example
            mkdir -p 'a b/ü' && echo "$CI_KEY" > 'a b/ü/c:d #1%.txt' && echo "$LOGS_KEY $CI_KEY" > plain.txt
            printf '%s' "$CI_KEY" > $'line\\nend'
            git add .; git commit -qm "one"; git rm -qr .; git commit -qm "two, with $LOGS_KEY"
            git checkout -q HEAD~1 -- .
            """)
        #expect(planted.status == 0, "\(planted.errors)")
        for (command, count) in [
            ("cd tree && keybearer scan", 4), ("keybearer scan tree", 4), ("keybearer scan \"$PWD/tree\"", 4),
            ("cd tree && keybearer scan --git", 5), ("cd tree && keybearer scan --staged", 4),
            ("cd tree && keybearer scan --check --url \(stage.environment["KEYBEARER_URL"] ?? "")", 4),
            ("mkdir empty && keybearer scan empty", 0),
        ] {
            let checked = try stage.run(
                "(\(command) --format sarif --quiet) | \(Self.check)",
                ["KEYBEARER_API_KEY": stage.environment["CI_KEY"] ?? ""])
            #expect(checked.output == "\(count)\n", "\(command): \(checked.errors)")
        }
    }

    @Test func `count columns as they say they do, where text is not ASCII`() async throws {
        let stage = try await Stage()
        let outcome = try stage.run(
            """
            git init -q -b main tree; cd tree; git config user.name T; git config user.email t@t.example
            printf 'é\\nclé: 🔑 %s 🔑 %s\\n' "$CI_KEY" "$LOGS_KEY" > a.txt; git add .; git commit -qm one
            for where in '' --git; do
                keybearer scan $where --format sarif --quiet | jq -c '.runs[0] | .columnKind,
                    (.results[].locations[0].physicalLocation.region | [.startLine, .startColumn])'
            done
            """)
        let expected = "\"utf16CodeUnits\"\n[2,9]\n[2,\(9 + 67 + 4)]\n"
        #expect(outcome.output == expected + expected)
    }

    @Test(.enabled(if: hasReader)) func `hold no more results than GitHub takes, and say so`() async throws {
        let stage = try await Stage()
        let outcome = try stage.run(
            "yes \"$CI_KEY\" 2> /dev/null | head -25001 > many.txt; "
                + "keybearer scan many.txt --format sarif --quiet | \(Self.check)")
        #expect(outcome.output == "25000\n")
        #expect(outcome.errors == "keybearer: only the first 25000 keys are in the report\n")
    }
}
