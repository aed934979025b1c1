import KeybearerVerification
import Testing

@testable import KeybearerAdministration

@Suite struct `Audit chain` {
    private static func entry(_ actor: String, _ details: AuditDetails = [:]) -> AuditEntry {
        AuditEntry(
            chain: .operator, at: Timestamp(seconds: 1_800_000_000), actor: actor, via: nil, address: nil,
            action: "api_key.create", target: nil, outcome: "ok", count: 1, details: details)
    }

    private static let id = EventID(high: 1, low: 2)

    @Test func `A34 the first event follows the genesis hash and the next one its hash`() {
        let trail = AuditTrail(secret: nil)
        let first = trail.event(Self.entry("user:a"), after: nil, id: Self.id)
        #expect(first.position == 1)
        #expect(first.previous == .genesis)
        let head = AuditHead(chain: .operator, position: first.position, hash: first.hash)
        let second = trail.event(Self.entry("user:a"), after: head, id: Self.id)
        #expect(second.position == 2)
        #expect(second.previous == first.hash)
        #expect(trail.link(second) == second.hash)
    }

    @Test func `A34 with a secret nobody else makes the links`() {
        let keyed = AuditTrail(secret: Array(repeating: 7, count: 32))
        let event = keyed.event(Self.entry("user:a"), after: nil, id: Self.id)
        #expect(AuditTrail(secret: nil).link(event) != event.hash)
        #expect(AuditTrail(secret: Array(repeating: 8, count: 32)).link(event) != event.hash)
        #expect(keyed.link(event) == event.hash)
    }

    @Test func `A34 the encoding tells an absent part from an empty one and never mixes neighbours`() {
        let trail = AuditTrail(secret: nil)
        func encoding(target: String?, via: String?) -> [UInt8] {
            let entry = AuditEntry(
                chain: .operator, at: Timestamp(seconds: 0), actor: "a", via: via, address: nil, action: "x",
                target: target, outcome: "ok", count: 1, details: [:])
            return AuditTrail.canonicalEncoding(of: trail.event(entry, after: nil, id: Self.id))
        }
        let encodings = [
            encoding(target: nil, via: nil), encoding(target: "", via: nil), encoding(target: nil, via: ""),
            encoding(target: "ab", via: nil), encoding(target: "a", via: "b"),
        ]
        #expect(Set(encodings).count == encodings.count)
    }

    @Test func `A35 details are canonical: sorted by name, control characters escaped`() {
        let details: AuditDetails = ["name": "a\n\"b\"", "count": .number(2), "also": .list(["x", "\u{1b}"])]
        #expect(details.canonicalText == #"{"also":["x","\u001b"],"count":2,"name":"a\u000a\"b\""}"#)
    }

    @Test func `A35 details have each name once, wherever it was set`() {
        var details: AuditDetails = ["b": "Zoë\u{85}", "a": .flag(true), "c": .none, "a": .number(1)]
        details["B"] = .list([])
        details["c"] = nil
        details["absent"] = nil
        #expect(details.canonicalText == #"{"B":[],"a":1,"b":"Zoë\u0085"}"#)
        #expect(details["a"] == .number(1) && details["c"] == nil)
        #expect(AuditDetails().canonicalText == "{}")
    }
}

@Suite struct `Refusals` {
    private static func kind(_ code: String) -> RefusalLog.Kind {
        RefusalLog.Kind(chain: .operator, actor: "user:a", via: nil, action: "api_key.create", code: code)
    }

    @Test func `the first refusal of a minute is written, the others come as one event with their number`() {
        let log = RefusalLog()
        let start = Timestamp(seconds: 1_800_000_000)
        #expect(log.note(Self.kind("owner_required"), address: nil, at: start))
        for second in 1...30 {
            #expect(!log.note(Self.kind("owner_required"), address: nil, at: start.adding(seconds: Int64(second))))
        }
        #expect(log.note(Self.kind("quota_exceeded"), address: nil, at: start))
        #expect(log.drain(before: start, all: false).isEmpty)
        let drained = log.drain(before: start.adding(seconds: 60), all: false)
        #expect(drained.map(\.count) == [30])
    }

    @Test func `repeats that were not flushed in time are not lost`() {
        let log = RefusalLog()
        let start = Timestamp(seconds: 1_800_000_000)
        for _ in 1...5 { _ = log.note(Self.kind("x"), address: nil, at: start) }
        #expect(log.note(Self.kind("x"), address: nil, at: start.adding(seconds: 120)))
        #expect(log.drain(before: start, all: true).map(\.count) == [4])
    }
}

@Suite struct `Sign-in guards` {
    @Test func `A22 ten failures per account and address, a hundred per address, in fifteen minutes`() throws {
        let throttle = AttemptThrottle()
        let now = Timestamp(seconds: 1_800_000_000)
        let here = IPAddress("2001:db8::1")
        let neighbour = IPAddress("2001:db8::2")
        for _ in 1...10 { try throttle.begin(account: "a@x.example", address: here, now: now) }
        #expect(throws: Failure.self) { try throttle.begin(account: "a@x.example", address: neighbour, now: now) }
        try throttle.begin(account: "a@x.example", address: IPAddress("2001:db8:1::1"), now: now)
        for number in 1...90 { try throttle.begin(account: "b\(number)@x.example", address: here, now: now) }
        #expect(throws: Failure.self) { try throttle.begin(account: "c@x.example", address: here, now: now) }
        try throttle.begin(account: "a@x.example", address: here, now: now.adding(seconds: 900))
    }

    @Test(arguments: [
        "short", "password1234", "123456789012", "aaaaaaaaaaaa", "qwertyuiop12", "abcdefghijkl", "PasswordPassword",
        "987654321098", "abcabcabcabc", String(repeating: "x9!", count: 50),
    ])
    func `passwords that anybody would try are refused`(password: String) throws {
        let validation = Validation(rules: try Self.rules())
        #expect(!validation.passwordFaults(password, pointer: "/password").isEmpty)
    }

    @Test(arguments: ["correct horse battery", "ünïcödé pässwörd", "mossy-lantern-42-quay"])
    func `long passwords of any characters are taken`(password: String) throws {
        let validation = Validation(rules: try Self.rules())
        #expect(validation.passwordFaults(password, pointer: "/password").isEmpty)
    }

    @Test func `a password matches its own hash only, and no hash matches nothing`() async throws {
        let hasher = PasswordHasher(cost: PasswordCost(rounds: 16, blockSize: 8, parallelism: 1))
        let hash = try await hasher.hash("mossy-lantern-42-quay")
        #expect(try await hasher.matches("mossy-lantern-42-quay", hash))
        #expect(try await !hasher.matches("mossy-lantern-42-quaY", hash))
        #expect(try await !hasher.matches("mossy-lantern-42-quay", nil))
        #expect(try await hasher.hash("mossy-lantern-42-quay") != hash)
    }

    private static func rules() throws -> Rules {
        let format = try #require(KeyFormat(prefix: "sk"))
        return Rules(
            catalogue: try PermissionCatalogue(resources: [:]), keyFormat: format,
            peppers: Peppers(current: nil, retired: []))
    }
}
