import Foundation
import KeybearerVerification
import NIOCore
import Testing

@testable import KeybearerVerificationPlane

struct ConnectionTests {
    private static let healthy = RunningPlane.request("GET /healthz")

    @Test func `answers keep the order of pipelined requests, misses among them`() async throws {
        let keys = (1...40).map { KeyFixture(number: UInt8($0)) }
        try await withPlane(keys) { plane in
            plane.source.slowDown(.milliseconds(5))
            var text = ""
            for key in keys {
                text += RunningPlane.request("POST /v1/verify", body: #"{"key":"\#(try key.text())"}"#) + Self.healthy
            }
            let wire = try Wire(port: plane.port)
            wire.send(text)
            let answers = try await wire.answers(80)
            #expect(answers.count == 80)
            for (index, key) in keys.enumerated() where answers.count == 80 {
                let found = answers[2 * index].json["api_key"] as? [String: Any]
                let id = try key.record().id.description
                #expect(found?["id"] as? String == id)
                #expect(answers[2 * index + 1].body == "ok\n")
            }
            #expect(plane.source.loads == 40)
        }
    }

    @Test func `a request may arrive byte by byte, and the connection stays open`() async throws {
        try await withPlane { plane in
            let wire = try Wire(port: plane.port)
            for byte in RunningPlane.request("POST /v1/verify", body: #"{"key":""}"#).utf8 { wire.send([byte]) }
            #expect(try await wire.answers(1).first?.code == "missing")
            wire.send(Self.healthy)
            #expect(try await wire.answers(1).first?.status == 200)
        }
    }

    @Test func `many connections that speak at once each get their own answers`() async throws {
        let keys = (1...20).map { KeyFixture(number: UInt8($0)) }
        try await withPlane(keys) { plane in
            for round in 0..<8 {
                let wires = try (0..<64).map { _ in try Wire(port: plane.port) }
                // Of all sizes, so that some answers fill what is sent at once; some clients leave without reading.
                let asked = wires.indices.map { index in
                    (0..<[1, 2, 1, 30, 1, 300][(index + round) % 6]).map { ($0 * 7 + index) % 20 }
                }
                for (wire, numbers) in zip(wires, asked) {
                    wire.send(
                        try numbers.map {
                            RunningPlane.request("POST /v1/verify", body: #"{"key":"\#(try keys[$0].text())"}"#)
                        }.joined())
                    if numbers.count == 2 { wire.leave() }
                }
                for (wire, numbers) in zip(wires, asked) where numbers.count != 2 {
                    let ids = try await wire.answers(numbers.count).map { answer in
                        (answer.json["api_key"] as? [String: Any])?["id"] as? String
                    }
                    #expect(ids == (try numbers.map { try keys[$0].record().id.description }))
                }
            }
        }
    }

    @Test func `A41 of many that arrive at once each is decided by its own credential`() async throws {
        let good = KeyFixture()
        let other = KeyFixture(number: 2, granted: ["billing:pay"])
        try await withPlane([good, other]) { plane in
            let (good, other) = (try good.text(), try other.text())
            func ask(_ first: String, _ bearer: String) -> String {
                RunningPlane.request(
                    "GET /v1/authorize?permission=project:deploy",
                    ["X-Note: \(first)", "Authorization: Bearer \(bearer)"])
            }
            for _ in 0..<10 {
                let wires = try (0..<64).map { _ in try Wire(port: plane.port) }
                for (index, wire) in wires.enumerated() {
                    wire.send(index.isMultiple(of: 2) ? ask(good, other) : ask(other, good))
                }
                for (index, wire) in wires.enumerated() {
                    #expect(try await wire.answers(1).first?.status == (index.isMultiple(of: 2) ? 403 : 200))
                }
            }
        }
    }

    @Test func `10000 pipelined requests from a client that reads late are all answered`() async throws {
        try await withPlane { plane in
            let wire = try Wire(port: plane.port)
            let sender = Task.detached { for _ in 0..<100 { wire.send(String(repeating: Self.healthy, count: 100)) } }
            try await Task.sleep(for: .milliseconds(100))
            let answers = try await wire.answers(10_000)
            await sender.value
            #expect(answers.count == 10_000)
            #expect(answers.allSatisfy { $0.status == 200 })
        }
    }

    @Test func `A17 a refused request is answered, then the connection ends and nothing more is read`() async throws {
        try await withPlane { plane in
            let examples = [
                "POST /v1/verify HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "GET /healthz HTTP/1.1\nHost: a\n\n", "GET /healthz HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n",
                "POST /v1/verify HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;a\r\n{\r\n0\r\n\r\n",
            ]
            for example in examples {
                let wire = try Wire(port: plane.port)
                wire.send(Self.healthy + example + Self.healthy)
                let answers = try await wire.answers()
                #expect(answers.map(\.status) == [200, 400], "\(example.debugDescription)")
                #expect(answers.last?.code == "malformed_request")
                #expect(answers.last?.value("connection") == "close")
            }
        }
    }

    @Test func `A17 nothing a client sends comes back in a field`() async throws {
        try await withPlane { plane in
            for line in [
                "GET /%0d%0aSet-Cookie:x", "GET /v1/authorize?permission=%0d%0aSet-Cookie:%20x",
                "GET /a%0aSet-Cookie:x",
            ] {
                let answer = try await plane.ask(line, ["x-api-key: sk_set-cookie"])
                #expect(answer.value("set-cookie") == nil)
                #expect(!answer.fields.contains { $0.value.lowercased().contains("cookie") })
            }
        }
    }

    @Test func `A35 a key's name is one field and one member whatever is in it`() async throws {
        let key = KeyFixture(name: "a\r\nSet-Cookie: x\u{1b}[2J\u{0}")
        try await withPlane([key]) { plane in
            let allowed = try await plane.authorize("", ["x-api-key: \(try key.text())"])
            #expect(allowed.value("set-cookie") == nil)
            #expect(allowed.value("x-keybearer-key-name") == "a%0D%0ASet-Cookie%3A%20x%1B%5B2J%00")
            let answer = try await plane.verify(#"{"key":"\#(try key.text())"}"#)
            #expect(answer.body.utf8.allSatisfy { $0 >= 0x20 })
            #expect((answer.json["api_key"] as? [String: Any])?["name"] as? String == key.name)
        }
    }

    @Test func `HTTP 1.0 and Connection close end the connection after the answer`() async throws {
        try await withPlane { plane in
            for text in [
                "GET /healthz HTTP/1.0\r\n\r\n",
                "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Close\r\n\r\n",
            ] {
                let wire = try Wire(port: plane.port)
                wire.send(text + Self.healthy)
                let answers = try await wire.answers()
                #expect(answers.map(\.status) == [200])
                #expect(answers.first?.value("connection") == "close")
            }
        }
    }

    @Test func `a client that ends its output is answered all the same`() async throws {
        try await withPlane { plane in
            plane.source.slowDown(.milliseconds(20))
            let wire = try Wire(port: plane.port)
            wire.send(
                RunningPlane.request("POST /v1/verify", body: #"{"key":"\#(try KeyFixture().text())"}"#) + Self.healthy)
            wire.endOutput()
            #expect(try await wire.answers().map(\.status) == [200, 200])
        }
    }

    @Test func `Expect 100-continue is answered before the body, other expectations are refused`() async throws {
        try await withPlane { plane in
            let wire = try Wire(port: plane.port)
            wire.send("POST /v1/verify HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 10\r\n\r\n")
            #expect(try await wire.answers(1).map(\.status) == [100])
            wire.send(#"{"key":""}"#)
            #expect(try await wire.answers(1).first?.code == "missing")
            let refused = try await plane.ask("POST /v1/verify", ["Expect: 200-ok"], body: "{}")
            #expect(refused.status == 417)
            let large = try await plane.ask("POST /v1/verify", ["Expect: 100-continue", "Content-Length: 70000"])
            #expect(large.status == 413 && large.code == "payload_too_large")
        }
    }

    @Test func `A18 what is too large is refused without being read to its end`() async throws {
        try await withPlane { plane in
            let flood = (0..<100_000).map { "X-\($0): y\r\n" }.joined()
            let wire = try Wire(port: plane.port)
            let sender = Task.detached { wire.send("GET /healthz HTTP/1.1\r\nHost: a\r\n" + flood + "\r\n") }
            let answers = try await wire.answers()
            #expect(answers.map(\.status) == [431])
            _ = await sender.value
            let body = String(repeating: "a", count: 65_537)
            #expect(try await plane.verify(body).status == 413)
            #expect(try await plane.verify(#"{"key":"\#(String(repeating: "a", count: 65_000))"}"#).code == "malformed")
        }
    }

    @Test func `A18 slow heads, slow bodies and idle connections are ended`() async throws {
        try await withPlane { settings in
            settings.limits.head = .milliseconds(200)
            settings.limits.body = .milliseconds(300)
            settings.limits.idle = .milliseconds(400)
        } body: { plane in
            let slowHead = try Wire(port: plane.port)
            let drip = Task.detached {
                for byte in "GET /healthz HTTP/1.1\r\nHost: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".utf8 {
                    guard slowHead.send([byte]) else { return }
                    do { try await Task.sleep(for: .milliseconds(20)) } catch { return }
                }
            }
            let started = ContinuousClock.now
            #expect(try await slowHead.answers(1).map(\.status) == [408])
            #expect(ContinuousClock.now - started < .milliseconds(1500))
            drip.cancel()
            let slowBody = try Wire(port: plane.port)
            slowBody.send(Self.healthy + "POST /v1/verify HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{")
            #expect(try await slowBody.answers().map(\.status) == [200, 408])
            let idle = try Wire(port: plane.port)
            idle.send(Self.healthy)
            #expect(try await idle.answers().map(\.status) == [200])
            let silent = try Wire(port: plane.port)
            #expect(try await silent.answers().isEmpty)
        }
    }

    @Test func `A18 a good client is answered while 500 slow ones hold on`() async throws {
        try await withPlane { plane in
            let slow = try (0..<500).map { _ in try Wire(port: plane.port) }
            for wire in slow { wire.send("GET /healthz HTTP/1.1\r\nX: ") }
            let started = ContinuousClock.now
            for _ in 0..<20 { #expect(try await plane.ask("GET /healthz").status == 200) }
            #expect(ContinuousClock.now - started < .seconds(15))
            #expect(slow.count == 500)
        }
    }

    @Test func `A18 there are so many connections and no more`() async throws {
        try await withPlane {
            $0.limits.connections = 3
        } body: { plane in
            let held = try (0..<3).map { _ in try Wire(port: plane.port) }
            for wire in held {
                wire.send(Self.healthy)
                #expect(try await wire.answers(1).count == 1)
            }
            let refused = try Wire(port: plane.port)
            refused.send(Self.healthy)
            #expect(try await refused.answers().isEmpty)
            held[0].send(Self.healthy)
            #expect(try await held[0].answers(1).count == 1)
        }
    }

    @Test func `a decision that takes too long is 503, and what comes late is dropped`() async throws {
        try await withPlane {
            $0.limits.decision = .milliseconds(100)
        } body: { plane in
            plane.source.slowDown(.milliseconds(400))
            let wire = try Wire(port: plane.port)
            wire.send(
                RunningPlane.request("GET /v1/authorize", ["x-api-key: \(try KeyFixture().text())"]) + Self.healthy)
            #expect(try await wire.answers().map(\.status) == [503])
        }
    }

    @Test func `a shutdown ends what is in flight and lets nobody new in`() async throws {
        let port = LateValue()
        try await withPlane { plane in
            await port.set(plane.port)
            plane.source.slowDown(.milliseconds(500))
            let wire = try Wire(port: plane.port)
            wire.send(RunningPlane.request("POST /v1/verify", body: #"{"key":"\#(try KeyFixture().text())"}"#))
            while plane.source.loads == 0 { try await Task.sleep(for: .milliseconds(5)) }
            let idle = try Wire(port: plane.port)
            await port.keep(wire, idle)
        }
        let (wire, idle, number) = try #require(await port.taken)
        let answers = try await wire.answers()
        #expect(answers.map(\.code) == ["valid"])
        #expect(answers.first?.value("connection") == "close")
        #expect(try await idle.answers().isEmpty)
        #expect(throws: (any Error).self) { try Wire(port: number) }
    }

    @Test func `a Unix socket counts as local and as a trusted proxy`() async throws {
        let path = "/tmp/keybearer-test-\(UInt32.random(in: 0...UInt32.max)).sock"
        let key = KeyFixture(allowed: ["203.0.113.9"])
        try await withPlane([key]) {
            $0.listen = .unix(path: path)
        } body: { _ in
            let credential = "x-api-key: \(try key.text())"
            for (fields, status) in [([credential], 403), ([credential, "X-Forwarded-For: 203.0.113.9"], 200)] {
                let wire = try Wire(path: path)
                wire.send(RunningPlane.request("GET /v1/authorize", fields))
                #expect(try await wire.answers(1).first?.status == status)
            }
            let wire = try Wire(path: path)
            wire.send(
                RunningPlane.request(
                    "POST /v1/verify", body: #"{"key_sha256":"\#(try key.digest().hex)","ip":"203.0.113.9"}"#))
            #expect(try await wire.answers(1).first?.code == "valid")
            await #expect(throws: VerificationPlaneError.self) {
                try await withPlane {
                    $0.listen = .unix(path: path)
                } body: { _ in
                }
            }
        }
    }

    @Test func `a busy port is one clear line`() async throws {
        try await withPlane { plane in
            let error = await #expect(throws: VerificationPlaneError.self) {
                try await withPlane {
                    $0.listen = .tcp(host: "127.0.0.1", port: plane.port)
                } body: { _ in
                }
            }
            #expect(
                error?.description
                    == "the verification plane cannot listen on 127.0.0.1:\(plane.port): the address is in use by another program"
            )
        }
    }

    @Test func `dates are written as HTTP writes them`() {
        #expect(DateField.format(Timestamp(seconds: 784_111_777)) == Array("Sun, 06 Nov 1994 08:49:37 GMT".utf8))
        #expect(DateField.format(Timestamp(seconds: 0)) == Array("Thu, 01 Jan 1970 00:00:00 GMT".utf8))
        #expect(DateField.format(Timestamp(seconds: 1_795_262_400)).count == 29)
    }
}

/// Connections that outlive the plane they were made to.
private actor LateValue {
    private var port = 0
    private var wires: (Wire, Wire)?

    func set(_ port: Int) { self.port = port }
    func keep(_ first: Wire, _ second: Wire) { wires = (first, second) }
    var taken: (Wire, Wire, Int)? { wires.map { ($0.0, $0.1, port) } }
}
