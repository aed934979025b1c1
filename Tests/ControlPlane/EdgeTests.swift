import KeybearerTestHarness
import KeybearerVerification
import Testing

@testable import KeybearerControlPlane

@Suite struct `The edge, over a socket` {
    private static func limits(_ change: (inout EdgeLimits) -> Void) -> (inout ControlPlaneSettings) -> Void {
        var limits = EdgeLimits()
        change(&limits)
        return { [limits] in $0.limits = limits }
    }

    @Test func `A16 A17 what is malformed is answered with a problem and ends the connection`() async throws {
        let plane = try await RunningPlane.start()
        for (head, status) in [
            ("GET /v1/../healthz HTTP/1.1\r\nHost: x", 400), ("GET /healthz HTTP/1.1\nHost: x", 400),
            ("POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked", 400),
            ("GET /healthz HTTP/2.0\r\nHost: x", 505),
            ("GET /healthz HTTP/1.1\r\nHost: x\r\nX: \(String(repeating: "y", count: 20_000))", 431),
            ("POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 65537", 413),
        ] {
            let reply = try await RawHTTP.request(port: plane.port, head)
            #expect(reply.status == status, "\(head.prefix(60)): \(reply.text)")
            #expect(reply.text.contains("Content-Type: application/problem+json"))
            #expect(reply.text.contains("X-Request-Id: req_"))
            #expect(reply.text.contains("Connection: close"))
        }
    }

    @Test func `A17 requests sent together are answered one after the other`() async throws {
        let plane = try await RunningPlane.start()
        let request = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        let chunked = "POST /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
        let last = "GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        let bytes = try await RawHTTP.exchange(port: plane.port, [Array((request + chunked + request + last).utf8)])
        let text = String(decoding: bytes, as: UTF8.self)
        let lines = text.split(separator: "HTTP/1.1 ").map { $0.prefix { $0 != "\r\n" } }
        #expect(lines == ["200 OK", "405 Method Not Allowed", "200 OK", "200 OK"])
    }

    @Test func `A18 a head that trickles in is given up in time, and a body too`() async throws {
        let plane = try await RunningPlane.start(
            Self.limits {
                $0.headTimeout = .milliseconds(200)
                $0.bodyTimeout = .milliseconds(200)
                $0.idleTimeout = .milliseconds(200)
            })
        let clock = ContinuousClock()
        let start = clock.now
        let head = try await RawHTTP.exchange(port: plane.port, [Array("GET /healthz HTTP/1.1\r\nHost:".utf8)])
        #expect(String(decoding: head, as: UTF8.self).hasPrefix("HTTP/1.1 408 "))
        let body = try await RawHTTP.exchange(
            port: plane.port, [Array("POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{".utf8)])
        #expect(String(decoding: body, as: UTF8.self).hasPrefix("HTTP/1.1 408 "))
        let idle = try await RawHTTP.exchange(
            port: plane.port, [Array("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n".utf8)])
        #expect(String(decoding: idle, as: UTF8.self).hasPrefix("HTTP/1.1 200 "))
        #expect(try await RawHTTP.exchange(port: plane.port, []).isEmpty)
        #expect(clock.now - start < .seconds(8))
    }

    @Test func `A18 one address holds only so many connections`() throws {
        var limits = EdgeLimits()
        limits.connectionsPerAddress = 2
        limits.connections = 4
        let proxy = try #require(CIDRBlock("192.0.2.0/24"))
        let count = ConnectionCount(limits: limits, exempt: TrustedProxies([proxy]))
        let one = IPAddress("203.0.113.9")
        #expect(count.admit(one))
        #expect(count.admit(one))
        #expect(!count.admit(one))
        count.release(one)
        #expect(count.admit(one))
        #expect(count.admit(IPAddress("192.0.2.1")))
        #expect(count.admit(IPAddress("192.0.2.1")))
        #expect(!count.admit(IPAddress("192.0.2.1")))
    }

    @Test func `a client that asks first is told to go on`() async throws {
        let plane = try await RunningPlane.start()
        let head =
            "POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
        let bytes = try await RawHTTP.exchange(
            port: plane.port, [Array(head.utf8), Array("{}".utf8)], pause: .milliseconds(100))
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.hasPrefix("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 422 "))
    }

    @Test func `an idle connection does not hold up the end`() async throws {
        let plane = try await RunningPlane.start()
        let idle = Task {
            try await RawHTTP.exchange(
                port: plane.port, [Array("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n".utf8)], patience: 30)
        }
        try await Task.sleep(for: .milliseconds(200))
        let clock = ContinuousClock()
        let start = clock.now
        try await plane.stop()
        #expect(clock.now - start < .seconds(3))
        #expect(String(decoding: try await idle.value, as: UTF8.self).hasPrefix("HTTP/1.1 200 "))
        #expect(clock.now - start < .seconds(3))
    }

    @Test func `a client that has said all it will is answered and let go`() async throws {
        let plane = try await RunningPlane.start()
        let request = Array("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
        let clock = ContinuousClock()
        let start = clock.now
        let both = try await RawHTTP.exchange(port: plane.port, [request + request], patience: 30, endsInput: true)
        #expect(
            String(decoding: both, as: UTF8.self).split(separator: "HTTP/1.1 ").map { $0.prefix(3) } == ["200", "200"])
        // Half a request will never be whole.
        let half = try await RawHTTP.exchange(
            port: plane.port, [Array(request.dropLast(4))], patience: 30, endsInput: true)
        #expect(half.isEmpty)
        #expect(clock.now - start < .seconds(3))
    }

    @Test func `what is being answered when the end comes is answered`() async throws {
        let (gates, gate) = AsyncStream<Void>.makeStream()
        let (asked, asking) = AsyncStream<Void>.makeStream()
        let plane = try await RunningPlane.start(isReady: {
            asking.yield()
            for await _ in gates { break }
            return true
        })
        let request = Task {
            try await RawHTTP.exchange(
                port: plane.port, [Array("GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n".utf8)], patience: 30)
        }
        for await _ in asked { break }
        let clock = ContinuousClock()
        let start = clock.now
        let end = Task { try await plane.stop() }
        try await Task.sleep(for: .milliseconds(300))
        gate.yield()
        #expect(String(decoding: try await request.value, as: UTF8.self).hasPrefix("HTTP/1.1 200 "))
        try await end.value
        #expect(clock.now - start < .seconds(5))
    }

    @Test func `a busy port is one clear error`() async throws {
        let plane = try await RunningPlane.start()
        await #expect {
            _ = try await RunningPlane.start { [port = plane.port] in $0.listen = .tcp(host: "127.0.0.1", port: port) }
        } throws: {
            "\($0)" == "the control plane cannot listen on 127.0.0.1:\(plane.port): Address already in use"
        }
    }
}
