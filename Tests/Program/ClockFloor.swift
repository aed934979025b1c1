import Foundation
import KeybearerAPI
import KeybearerTestHarness
import Testing

/// Time as the database knows it.
@Suite struct `Clock floor` {
    @Test func `A39 a start with a clock behind the database does not revive what had expired`() async throws {
        let server = try await RunningServer.start()
        let team = try Team(server)
        try await team.organization("tern")
        try await team.member("olga@tern.example", of: "tern", role: "owner")
        let hour = ISO8601DateFormatter().string(from: Date(timeIntervalSinceNow: 3600))
        let key = try await team.key("short", as: "olga@tern.example", in: "tern", ["expires_at": .string(hour)])
        let text = key.at("key").text ?? ""
        #expect(try await team.verify(text, permission: "project:read").at("code").text == "valid")
        server.stop()
        // As if the last commit had been made two hours ahead of the clock that the machine has now.
        let ahead = Int64(Date(timeIntervalSinceNow: 7200).timeIntervalSince1970 * 1_000_000)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/sqlite3")
        process.arguments = [
            server.databasePath,
            "INSERT INTO change_log (seq, at, effect) SELECT max(seq) + 1, \(ahead), 'everything' FROM change_log",
        ]
        try process.runAlone()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        try await server.start()
        #expect(try await team.verify(text, permission: "project:read").at("code").text == "expired")
        let doctor = try server.command("doctor")
        #expect(doctor.status == 1 && doctor.output.contains("WRONG   clock"), "\(doctor.output)")
    }
}
