import KeybearerVerification
import Testing

@testable import KeybearerVerificationPlane

/// What is sent, with `K` for a good key and `L` for another good one, and what must come of it.
struct CredentialCase: Sendable, CustomTestStringConvertible {
    let fields: [String]
    let status: Int
    let code: String?

    init(_ fields: String..., status: Int, code: String?) {
        self.fields = fields
        self.status = status
        self.code = code
    }

    var testDescription: String { fields.joined(separator: " | ") }

    static let good: [CredentialCase] = [
        .init("Authorization: Bearer K", status: 200, code: nil),
        .init("authorization: bearer K", status: 200, code: nil),
        .init("AUTHORIZATION: BEARER K", status: 200, code: nil),
        .init("Authorization:Bearer K", status: 200, code: nil),
        .init("Authorization: \t Bearer K \t", status: 200, code: nil),
        .init("Authorization: Bearer   K", status: 200, code: nil),
        .init("x-api-key: K", status: 200, code: nil), .init("X-API-Key: K", status: 200, code: nil),
        .init("X-Api-Key:K", status: 200, code: nil), .init("x-api-key:  K  ", status: 200, code: nil),
        .init("x-api-key: K", "Authorization: Bearer K", status: 200, code: nil),
        .init("Authorization: bEaReR K", "X-API-KEY: K", status: 200, code: nil),
        .init("x-api-key: K", "x_api_key: L", status: 200, code: nil),
        .init("x-api-key: K", "Proxy-Authorization: Bearer L", status: 200, code: nil),
        .init("x-api-key: K", "Cookie: key=L", status: 200, code: nil),
        .init("x-api-key: K", "Connection: x-api-key", status: 200, code: nil),
    ]

    static let ambiguous: [CredentialCase] = [
        ["Authorization: Bearer K", "Authorization: Bearer K"], ["Authorization: Bearer K", "Authorization: Bearer L"],
        ["Authorization: Bearer bad", "Authorization: Bearer K"], ["Authorization: Bearer K", "Authorization: bad"],
        ["Authorization: Bearer K", "authorization: Basic YQ=="],
        ["Authorization: Basic YQ==", "Authorization: Bearer K"],
        ["Authorization: Bearer K", "Authorization:"], ["Authorization:", "Authorization: Bearer K"],
        ["Authorization:", "Authorization:"], ["x-api-key: K", "x-api-key: K"], ["x-api-key: K", "X-API-KEY: L"],
        ["x-api-key: K", "x-api-key: bad"], ["x-api-key: bad", "x-api-key: K"], ["x-api-key:", "x-api-key: K"],
        ["x-api-key: K", "x-api-key:"], ["Authorization: Bearer K", "x-api-key: L"],
        ["Authorization: Bearer L", "x-api-key: K"], ["Authorization: Bearer K", "x-api-key: bad"],
        ["Authorization: Bearer bad", "x-api-key: K"], ["Authorization: Basic YQ==", "x-api-key: K"],
        ["Authorization: Bearer", "x-api-key: K"], ["Authorization:", "x-api-key: K"],
        ["Authorization: Bearer K", "x-api-key:"], ["Authorization: K", "x-api-key: K"],
        ["Authorization: Token K", "x-api-key: K"], ["x-api-key: K,K"], ["x-api-key: K, L"], ["x-api-key: K,"],
        ["x-api-key: ,K"], ["x-api-key: ,"], ["Authorization: Bearer K,K"], ["Authorization: Bearer K, Bearer K"],
        ["Authorization: Bearer K, Bearer L"], ["Authorization: Bearer K,"], ["Authorization: Bearer ,K"],
        ["Authorization: Basic YQ==, Bearer K"], ["x-api-key: K", "x-api-key: K", "x-api-key: K"],
        ["Authorization: Bearer K", "Authorization: Bearer K", "x-api-key: K"],
    ].map { CredentialCase($0, 400, "ambiguous_credentials") }

    static let malformed: [CredentialCase] = [
        ["Authorization: Bearer K L"], ["Authorization: Bearer K K"], ["Authorization: Bearer K\tL"],
        ["x-api-key: K L"], ["x-api-key: a b"], ["x-api-key: Bearer K"], ["x-api-key: K\u{e9}"],
        ["Authorization: Bearer \u{e9}K"], ["Authorization: Bearer \tK"],
    ].map { CredentialCase($0, 400, "malformed_request") }

    static let missing: [CredentialCase] = [
        [], ["Authorization:"], ["Authorization: Bearer"], ["Authorization: Bearer   "], ["x-api-key:"],
        ["x-api-key:   "], ["Authorization: Basic YQ=="], ["Authorization: K"], ["Authorization: Bearerish K"],
        ["Authorization: Bearer\tK"], ["Authorization: Token K"], ["X_API_KEY: K"], ["Cookie: x-api-key=K"],
        ["Proxy-Authorization: Bearer K"], ["api-key: K"], ["X-Forwarded-Authorization: Bearer K"],
    ].map { CredentialCase($0, 401, "missing") }

    static let invalid: [CredentialCase] = [
        ["Authorization: Bearer bad"], ["x-api-key: bad"], ["x-api-key: \"K\""], ["x-api-key: K0"], ["x-api-key: 0K"],
        ["Authorization: Bearer K="], ["Authorization: Bearer Bearer"], ["x-api-key: k=K"], ["x-api-key: %73K"],
    ].map { CredentialCase($0, 401, "invalid_api_key") }

    private init(_ fields: [String], _ status: Int, _ code: String) {
        self.fields = fields
        self.status = status
        self.code = code
    }
}

struct CredentialTests {
    static let all =
        CredentialCase.good + CredentialCase.ambiguous + CredentialCase.malformed + CredentialCase.missing
        + CredentialCase.invalid

    @Test func `A14 A41 A42 every form of the two carriers has the one answer it must have`() async throws {
        #expect(Self.all.count >= 80)
        try await withPlane([KeyFixture(number: 1), KeyFixture(number: 2)]) { plane in
            let first = try KeyFixture(number: 1).text()
            let second = try KeyFixture(number: 2).text()
            for example in Self.all {
                let fields = example.fields.map { field -> String in
                    guard let colon = field.firstIndex(of: ":") else { return field }
                    let value = field[colon...].replacing("K", with: first).replacing("L", with: second)
                    return String(field[..<colon]) + String(value)
                }
                let answer = try await plane.authorize("", fields)
                #expect(answer.status == example.status, "\(example.fields)")
                #expect(answer.code == example.code, "\(example.fields)")
            }
        }
    }

    @Test func `A41 both carriers are one credential, byte for byte of the answer`() async throws {
        try await withPlane([KeyFixture(isRevoked: true)]) { plane in
            let key = try KeyFixture().text()
            let bearer = try await plane.authorize("", ["Authorization: Bearer \(key)"])
            let own = try await plane.authorize("", ["x-api-key: \(key)"])
            func comparable(_ answer: Answer) -> [String] {
                answer.fields.filter { $0.name != "x-request-id" }.map { "\($0.name): \($0.value)" }
            }
            #expect(bearer.status == 401 && own.status == 401)
            #expect(comparable(bearer) == comparable(own))
            #expect(bearer.code == "revoked" && own.code == "revoked")
        }
    }

    @Test func `A15 no byte but those of the key gets through, at any of its places`() async throws {
        try await withPlane { plane in
            let key = Array(try KeyFixture().text().utf8)
            for place in [0, 1, 3, 40, key.count - 1, key.count] {
                for byte in UInt8.min...UInt8.max {
                    var changed = key
                    if place == key.count { changed.append(byte) } else { changed[place] = byte }
                    let isBlankAround = (place == 0 || place >= key.count - 1) && (byte == 0x20 || byte == 0x09)
                    guard changed != key else { continue }
                    let wire = try Wire(port: plane.port)
                    wire.send(
                        Array("GET /v1/authorize HTTP/1.1\r\nHost: a\r\nConnection: close\r\nx-api-key: ".utf8)
                            + changed + Array("\r\n\r\n".utf8))
                    let status = try await wire.answers(1).first?.status
                    if isBlankAround {
                        // White space around a field's value is not part of it.
                        #expect(status == (place == key.count ? 200 : 401), "byte \(byte) at \(place)")
                    } else {
                        #expect(status == 400 || status == 401, "byte \(byte) at \(place)")
                    }
                }
            }
        }
    }

    @Test func `a key in the query is never read`() async throws {
        try await withPlane { plane in
            let key = try KeyFixture().text()
            for query in ["?key=\(key)", "?api_key=\(key)", "?access_token=\(key)", "?x-api-key=\(key)"] {
                let answer = try await plane.authorize(query, [])
                #expect(answer.status == 400)
                #expect(!answer.body.contains(key))
            }
            let verify = try await plane.ask("POST /v1/verify?key=\(key)", body: "{}")
            #expect(verify.status == 422)
        }
    }

    @Test func `A22 unknown and malformed keys have one answer`() async throws {
        try await withPlane { plane in
            let unknown = try await plane.authorize("", ["x-api-key: \(try KeyFixture(number: 99).text())"])
            let malformed = try await plane.authorize("", ["x-api-key: sk_nonsense"])
            func comparable(_ answer: Answer) -> String {
                answer.body.replacing(answer.value("x-request-id") ?? "", with: "")
            }
            #expect(comparable(unknown) == comparable(malformed))
            #expect(unknown.value("x-keybearer-code") == malformed.value("x-keybearer-code"))
            #expect(unknown.value("www-authenticate") == #"Bearer realm="keybearer", error="invalid_token""#)
            #expect(unknown.fields.map(\.name) == malformed.fields.map(\.name))
        }
    }
}
