import Foundation
import KeybearerTestHarness
import Testing

/// SIGTERM and SIGINT, whatever clients do.
@Suite struct `Ending` {
    @Test func `clients that never finish do not keep a stop from ending within 20 seconds`() async throws {
        let server = try await RunningServer.start()
        let body =
            "POST /v1/verify HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
        let head = "POST /v1/verify HTTP/1.1\r\nHost: x\r\n"
        try await withThrowingTaskGroup(of: Void.self) { group in
            for port in [server.controlPort, server.verificationPort] {
                for text in ["", head, body] {
                    group.addTask { _ = try await RawHTTP.exchange(port: port, [Array(text.utf8)], patience: 30) }
                }
            }
            try await Task.sleep(for: .milliseconds(300))
            let clock = ContinuousClock()
            let begun = clock.now
            #expect(server.stop() == 0, "\(server.logText)")
            #expect(clock.now - begun < .seconds(20))
            try await group.waitForAll()
        }
    }

    @Test func `SIGINT ends it as SIGTERM does`() async throws {
        let server = try await RunningServer.start()
        server.send(SIGINT)
        #expect(server.stop() == 0, "\(server.logText)")
    }
}
