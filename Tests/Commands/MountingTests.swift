import Foundation
import KeybearerTestHarness
import Testing

/// The commands in another product's program: its name, its variables, its folder.
@Suite struct `Mounted commands` {
    @Test func `take the program's name, variables and folder, and nothing of Keybearer's`() async throws {
        let stage = try await Stage()
        let url = stage.environment["KEYBEARER_URL"] ?? ""
        let deployed = try stage.run(
            "KEYBEARER_API_KEY=sk_not_this_one HARBOR_API_KEY=\"$CI_KEY\" keybearer-mounted deploy --project one",
            ["HARBOR_URL": url])
        #expect(deployed.output == "deploying one for CI\n")
        let saved = try stage.run(
            "printf %s \"$CI_KEY\" | keybearer-mounted auth api-key --key - && ls -A .config && keybearer-mounted whoami -o json | jq -r .name",
            ["HARBOR_URL": url])
        #expect(saved.output == "harbor\nCI\n")
        let nobody = try stage.run("keybearer-mounted keys list --profile nobody")
        #expect(nobody.status == 3)
        #expect(nobody.errors.contains("set HARBOR_API_KEY, or run `harbor login`"))
        let server = try stage.run("HARBOR_API_KEY=\"$CI_KEY\" keybearer-mounted keys list --profile nobody")
        #expect(server.status == 7)
        #expect(server.errors.contains("harbor: 127.0.0.1:9 cannot be reached"))
        #expect(try stage.run("keybearer-mounted completions zsh").output.contains("#compdef harbor"))
    }

    @Test func `one's own errors in the body of a command end the program as the kit's do`() async throws {
        let stage = try await Stage()
        let refused = try stage.run(
            "HARBOR_API_KEY=sk_nonsense keybearer-mounted deploy --project one",
            ["HARBOR_URL": stage.environment["KEYBEARER_URL"] ?? ""])
        #expect(refused.status == 3)
        #expect(refused.errors.hasPrefix("harbor: There is no such API key."))
    }
}
