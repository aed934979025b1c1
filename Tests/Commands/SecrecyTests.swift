import Foundation
import KeybearerTestHarness
import Testing

/// Where a key must not be found, and who must not read it.
@Suite struct `Secrets of the command line` {
    private static func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0
    }

    @Test func `a saved key is in a file of mode 0600 in a folder of 0700, whatever the umask`() async throws {
        let stage = try await Stage()
        let saved = try stage.run(#"umask 000; printf %s "$CI_KEY" | keybearer auth api-key --key -"#)
        #expect(saved.status == 0)
        let folder = stage.folder.path + "/.config/keybearer"
        #expect(try Self.mode(folder) == 0o700)
        #expect(try Self.mode(folder + "/profiles.json") == 0o600)
        let again = try stage.run("umask 000; keybearer auth api-key --profile other --key - <<< sk_x")
        #expect(again.status == 0)
        #expect(try Self.mode(folder + "/profiles.json") == 0o600)
    }

    @Test func `a file that others can read, or that is somebody else's, is refused`() async throws {
        let stage = try await Stage()
        _ = try stage.run(#"printf %s "$CI_KEY" | keybearer auth api-key --key -"#)
        let file = stage.folder.path + "/.config/keybearer/profiles.json"
        for mode in ["0644", "0640", "0602"] {
            let refused = try stage.run("chmod \(mode) \(file); keybearer keys list")
            #expect(refused.status == 1, "\(mode)")
            #expect(refused.errors.contains("can be read by others"), "\(mode)")
        }
        #expect(try stage.run("chmod 0600 \(file); keybearer keys list").status == 0)
        if geteuid() == 0 {
            let foreign = try stage.run("chown 12345 \(file); keybearer keys list")
            #expect(foreign.status == 1)
            #expect(foreign.errors.contains("belongs to somebody else"))
        }
        let link = try stage.run("mv \(file) elsewhere; ln -s \"$PWD/elsewhere\" \(file); keybearer keys list")
        #expect(link.status == 1)
    }

    @Test func `a key given by environment, file or standard input is in no list of processes`() async throws {
        let stage = try await Stage()
        // A listener that never answers keeps the command alive while its traces are looked for.
        let silent = try SilentListener()
        for way in [
            #"KEYBEARER_API_KEY="$CI_KEY" keybearer keys list"#,
            #"printf %s "$CI_KEY" > key; keybearer keys list --api-key-file key"#,
            #"printf %s "$CI_KEY" | keybearer keys list --api-key -"#,
        ] {
            let outcome = try stage.run(
                """
                (\(way)) > /dev/null 2> errors & job=$!
                for _ in $(seq 100); do pgrep -f "keybearer keys list" > /dev/null && break; sleep 0.02; done
                for file in /proc/[0-9]*/cmdline; do tr '\\0' ' ' < $file 2> /dev/null; echo; done
                pkill -P $job; kill $job 2> /dev/null; wait 2> /dev/null; true
                """, ["KEYBEARER_URL": "http://127.0.0.1:\(silent.port)"])
            #expect(outcome.output.contains("keybearer keys list"), "\(way)")
            #expect(!outcome.output.contains(stage.environment["CI_KEY"] ?? "?"), "\(way)")
        }
    }

    @Test func `no key is in any output, however much is asked for or goes wrong`() async throws {
        let stage = try await Stage()
        let key = stage.environment["CI_KEY"] ?? "?"
        let secret = String(key.dropFirst(9).dropLast(4))
        for command in [
            "keybearer keys list --verbose", "keybearer keys list --verbose --url $NOBODY_URL",
            "keybearer keys list --verbose --url $PROXY_URL", "keybearer keys list --verbose --url $LIMITED_URL",
            "keybearer auth status", "keybearer auth status --output json", "keybearer whoami --verbose",
            "keybearer verify - <<< $CI_KEY --verbose", "keybearer keys show nonsense --verbose",
            "keybearer org list", "keybearer keys list --api-key $CI_KEY$CI_KEY",
            "KEYBEARER_API_KEY=\"$CI_KEY with spaces\" keybearer keys list",
        ] {
            let outcome = try stage.run(command, ["KEYBEARER_API_KEY": key])
            #expect(!(outcome.output + outcome.errors).contains(secret), "\(command)")
        }
        #expect(!stage.server.logText.contains(secret))
    }

    @Test func `--check asks by digest alone: a key that was found is sent to nobody`() async throws {
        let stage = try await Stage()
        let server = try ScriptedServer([ScriptedServer.problem(404, "not_found")])
        let outcome = try stage.run(
            "mkdir leaked && echo $CI_KEY > leaked/a.txt && keybearer scan leaked --check",
            [
                "KEYBEARER_API_KEY": stage.environment["LOGS_KEY"] ?? "",
                "KEYBEARER_URL": "http://127.0.0.1:\(server.port)",
            ])
        #expect(outcome.output.contains("not a key of this organization"))
        let key = try #require(stage.environment["CI_KEY"])
        #expect(server.requests.count == 1)
        #expect(server.requests[0].hasPrefix("POST /v1/api-keys/lookup HTTP/1.1"))
        #expect(server.requests[0].contains(SHA256Hex.of(key)))
        #expect(!server.requests[0].contains(key.dropFirst(9).dropLast(4)))
    }

    @Test func `a flag that others can see is warned of`() async throws {
        let stage = try await Stage()
        for command in [
            #"keybearer keys list --api-key "$CI_KEY""#, #"keybearer auth api-key --key "$CI_KEY""#,
            #"keybearer verify "$CI_KEY""#,
        ] {
            let outcome = try stage.run(command)
            #expect(outcome.status == 0, "\(command) \(outcome.errors)")
            #expect(outcome.errors.contains("other processes can see"), "\(command)")
        }
    }

    @Test func `Ctrl-C and an end from outside during a hidden prompt give the terminal back`() async throws {
        let stage = try await Stage()
        let script = Transcript.folder.deletingLastPathComponent().appendingPathComponent("hidden_prompt.py").path
        let outcome = try stage.run("python3 \(script) keybearer login --email ana@tern.example")
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    }
}
