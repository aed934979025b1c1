import Testing

@testable import KeybearerVerification

@Suite struct IdentifierTests {
    @Test func `H7 an identifier is written as its kind and 26 characters, and read back`() throws {
        var random = SeededRandom(seed: 7)
        for _ in 0..<2_000 {
            let made = KeyID(at: Timestamp(microseconds: Int64(random.next() >> 14)), using: &random)
            let text = made.description
            if KeyID(text) != made || text.utf8.count != 30 || !text.hasPrefix("key_") { Issue.record("\(text)") }
        }
        #expect(KeyID(high: .max, low: .max).description == "key_7zzzzzzzzzzzzzzzzzzzzzzzzz")
        #expect(KeyID(high: 0, low: 33).description == "key_00000000000000000000000011")
    }

    @Test func `H7 identifiers sort by time, as text and as numbers`() {
        var random = SystemRandomNumberGenerator()
        let made = (0..<500).map { OrganizationID(at: noon.adding(seconds: $0), using: &random) }
        #expect(made == made.sorted() && made.map(\.description) == made.map(\.description).sorted())
        #expect(made.allSatisfy { $0.high >> 12 & 0xf == 7 && $0.low >> 62 == 2 }, "not a UUIDv7")
    }

    @Test func `what sorts before a time stands between those made earlier and those made then`() throws {
        var random = SystemRandomNumberGenerator()
        let millisecond = Timestamp(microseconds: noon.microseconds / 1000 * 1000)
        for _ in 0..<500 {
            let limit = EventID(before: millisecond)
            #expect(limit < EventID(at: millisecond, using: &random))
            // Four thousand of one millisecond at once would be of the next one; a second before, none are.
            #expect(EventID(at: millisecond.adding(seconds: -1), using: &random) < limit)
            #expect(limit.description < EventID(at: millisecond, using: &random).description)
        }
        #expect(EventID(before: Timestamp(microseconds: -1)) == EventID(high: 0, low: 0))
    }

    @Test func `H7 identifiers of one moment sort as they were made`() {
        var random = SystemRandomNumberGenerator()
        // Its own count: other tests make some of other moments meanwhile, after which the process's begins anew.
        let newest = IdentifierPlace()
        let made = (0..<4_097).map { _ in KeyID(at: noon, counting: newest, using: &random) }
        #expect(zip(made, made.dropFirst()).allSatisfy { $0 < $1 })
        let pairs = (0..<1_000).map { _ in [KeyID(at: noon, using: &random), KeyID(at: noon, using: &random)] }
        #expect(Set(pairs.flatMap { $0 }).count == 2_000)
    }

    @Test(arguments: [
        "", "key_", "key_0000000000000000000000000", "key_000000000000000000000000000",
        "usr_00000000000000000000000000",
        "key_80000000000000000000000000", "KEY_00000000000000000000000000", "key_0000000000000000000000000i",
        "key_0000000000000000000000000l", "key_0000000000000000000000000o", "key_0000000000000000000000000u",
        "key_zzzzzzzzzzzzzzzzzzzzzzzzzz", "key_0000000000000000000000000/", "key_0000000000000000000000000{",
        "key_0000000000000000000000000A", "key_0000000000000000000000000\u{ff11}", " key_00000000000000000000000000",
        "key-00000000000000000000000000",
    ])
    func `A21 any other text is no identifier`(text: String) {
        #expect(KeyID(text) == nil)
    }
}

@Suite struct TimestampTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (951_782_400_000_000, "2000-02-29T00:00:00.000Z"),
            (1_795_262_400_123_456, "2026-11-21T12:00:00.123Z"), (253_402_300_799_999_000, "9999-12-31T23:59:59.999Z"),
            (4_107_542_399_000_000, "2100-02-28T23:59:59.000Z"), (1_000_000_000_000_001, "2001-09-09T01:46:40.000Z"),
        ] as [(Int64, String)])
    func `A21 times are RFC 3339 in UTC with milliseconds`(microseconds: Int64, text: String) {
        #expect(Timestamp(microseconds: microseconds).description == text)
        #expect(Timestamp(rfc3339: text)?.microseconds == microseconds / 1000 * 1000)
    }

    @Test func `A21 times that RFC 3339 cannot write are written all the same`() {
        #expect(Timestamp(microseconds: 253_402_300_800_000_000).description == "10000-01-01T00:00:00.000Z")
        #expect(Timestamp(microseconds: .max).description == "294247-01-10T04:00:54.775Z")
        #expect(Timestamp(microseconds: -1).description == "1969-12-31T23:59:59.999Z")
        #expect(Timestamp(seconds: -62_198_755_200).description == "-1-01-01T00:00:00.000Z")
    }

    @Test func `A21 offsets and fractions are read`() {
        #expect(Timestamp(rfc3339: "2026-11-21T13:30:00+01:30") == noon)
        #expect(Timestamp(rfc3339: "2026-11-21t12:00:00z") == noon)
        #expect(Timestamp(rfc3339: "2026-11-21T12:00:00.123456789Z")?.microseconds == noon.microseconds + 123_456)
    }

    @Test(arguments: [
        "", "2026-11-21", "2026-11-21T12:00:00", "2026-11-21 12:00:00Z", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
        "2026-00-10T00:00:00Z", "2026-11-31T00:00:00Z", "2026-11-21T24:00:00Z", "2026-11-21T12:60:00Z",
        "2026-11-21T12:00:60Z", "2026-11-21T12:00:00.Z", "2026-11-21T12:00:00.1234567890Z", "2026-11-21T12:00:00+1:00",
        "2026-11-21T12:00:00Zx", "1969-12-31T23:59:59Z", "+026-11-21T12:00:00Z", "2026-11-21T12:00:00+24:00",
        "2100-02-29T00:00:00Z", "\u{ff12}026-11-21T12:00:00Z",
    ])
    func `A21 what is no time is refused`(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test func `A39 seconds round down on both sides of the epoch`() {
        #expect(Timestamp(microseconds: -1).seconds == -1 && Timestamp(microseconds: -1_000_000).seconds == -1)
        #expect(Timestamp(microseconds: 999_999).seconds == 0 && Timestamp(microseconds: -1_000_001).seconds == -2)
    }
}
