import KeybearerAPI
import KeybearerVerification
import Testing

@testable import KeybearerVerificationPlane

struct VerifyTests {
    @Test func `the answer has the fields of the contract, as the shared type writes them`() async throws {
        let key = KeyFixture(
            name: "CI \"ä\"\n", granted: ["project:deploy", "invoice:*"], expiresAt: noon.adding(seconds: 60),
            requests: 60, labels: [(key: "team", value: "a\\b")])
        try await withPlane([key]) { plane in
            let answer = try await plane.verify(#"{"key":"\#(try key.text())","permission":"project/prj_1:deploy"}"#)
            #expect(answer.status == 200)
            #expect(answer.value("content-type") == "application/json")
            #expect(answer.value("cache-control") == "no-store")
            let id = try #require(answer.value("x-request-id"))
            #expect(id.wholeMatch(of: /req_[0-7][0-9a-hjkmnp-tv-z]{25}/) != nil)
            let record = try key.record()
            let expected = VerifyAnswer(
                code: "valid", requestID: id, revision: 812,
                apiKey: VerifyAnswer.Key(
                    id: record.id.description, name: record.name, preview: record.preview,
                    permissions: record.grantedTexts, labels: [LabelField(key: "team", value: "a\\b")],
                    expiresAt: "\(noon.adding(seconds: 60))",
                    createdBy: CreatorResource(type: "user", id: "usr_1", name: "Ana")),
                organization: VerifyAnswer.Organization(
                    id: record.organization.id.description, slug: "acme", plan: "pro"),
                rateLimit: VerifyAnswer.RateLimit(
                    policy: "default", limit: 60, windowSeconds: 60, remaining: 59, resetSeconds: 60))
            #expect(answer.body == expected.json.serializedText)
        }
    }

    @Test func `every verdict is 200 and named`() async throws {
        let keys = [
            KeyFixture(number: 1), KeyFixture(number: 2, isRevoked: true), KeyFixture(number: 3, expiresAt: noon),
            KeyFixture(number: 4, isDisabled: true), KeyFixture(number: 5, isSuspended: true),
            KeyFixture(number: 6, allowed: ["203.0.113.9"]), KeyFixture(number: 7, granted: []),
            KeyFixture(number: 8, ceiling: ["invoice:read"]),
        ]
        try await withPlane(keys) { plane in
            let expected = [
                1: "valid", 2: "revoked", 3: "expired", 4: "disabled", 5: "organization_suspended", 6: "ip_not_allowed",
                7: "insufficient_permissions", 8: "insufficient_permissions", 9: "not_found",
            ]
            for (number, code) in expected.sorted(by: { $0.key < $1.key }) {
                let text = try KeyFixture(number: UInt8(number)).text()
                for _ in 0..<2 {
                    let answer = try await plane.verify(#"{"key":"\#(text)","permission":"project:deploy"}"#)
                    #expect(answer.status == 200 && answer.code == code, "\(code)")
                    #expect(answer.json["valid"] as? Bool == (code == "valid"))
                    #expect((answer.json["api_key"] != nil) == (number != 9))
                    #expect((answer.json["organization"] != nil) == (number != 9))
                }
            }
            #expect(try await plane.verify(#"{"key":""}"#).code == "missing")
            #expect(try await plane.verify(#"{"key":"sk_x"}"#).code == "malformed")
            #expect(try await plane.verify(#"{"key":"\u0000"}"#).code == "malformed")
            let sixth = try keys[5].text()
            #expect(try await plane.verify(#"{"key":"\#(sixth)","ip":"::ffff:203.0.113.9"}"#).code == "valid")
            #expect(
                try await plane.verify(#"{"key":"\#(sixth)"}"#, ["X-Forwarded-For: 203.0.113.9"]).code
                    == "ip_not_allowed")
        }
    }

    @Test func `rate limits count what is allowed, by its cost`() async throws {
        try await withPlane([KeyFixture(requests: 10)]) { plane in
            let key = try KeyFixture().text()
            #expect(try await plane.verify(#"{"key":"\#(key)","cost":8}"#).code == "valid")
            #expect(
                try await plane.verify(#"{"key":"\#(key)","permission":"invoice:read","cost":2}"#).code
                    == "insufficient_permissions")
            #expect(try await plane.verify(#"{"key":"\#(key)","cost":3}"#).code == "rate_limited")
            #expect(try await plane.verify(#"{"key":"\#(key)","cost":2}"#).code == "valid")
            #expect(try await plane.verify(#"{"key":"\#(key)","cost":0}"#).code == "valid")
            let denied = try await plane.authorize("", ["x-api-key: \(key)"])
            #expect(denied.status == 429 && denied.code == "rate_limited")
            #expect(denied.value("retry-after") == "60")
            #expect(denied.value("ratelimit") == #""default";r=0;t=60"#)
            let forNginx = try await plane.authorize("?deny_as=403", ["x-api-key: \(key)"])
            #expect(forNginx.status == 403 && forNginx.value("x-keybearer-code") == "rate_limited")
            #expect(forNginx.value("retry-after") == "60")
        }
    }

    @Test(arguments: [
        ("", 422, "required", "/key"), ("{}", 422, "required", "/key"), ("[]", 422, "invalid_type", ""),
        ("{", 400, "malformed_json", nil), (#"{"key":"a","key":"b"}"#, 400, "malformed_json", nil),
        (#"{"key":"a","k\u0065y":"b"}"#, 400, "malformed_json", nil), (#"{"key":"a",}"#, 400, "malformed_json", nil),
        (#"{"key":"a"}x"#, 400, "malformed_json", nil), (#"{"key":1}"#, 422, "invalid_type", "/key"),
        (#"{"key":null}"#, 422, "invalid_type", "/key"),
        (#"{"key":"a","organization":"x"}"#, 422, "unknown_field", "/organization"),
        (#"{"key":"a","key_sha256":"b"}"#, 422, "ambiguous_credentials", "/key_sha256"),
        (#"{"key_sha256":"abc"}"#, 422, "invalid_key_sha256", "/key_sha256"),
        (#"{"key":"a","ip":"1.2.3"}"#, 422, "invalid_ip", "/ip"), (#"{"key":"a","ip":""}"#, 422, "invalid_ip", "/ip"),
        (#"{"key":"a","ip":"10.0.0.0/8"}"#, 422, "invalid_ip", "/ip"),
        (#"{"key":"a","permission":"rocket:launch"}"#, 422, "unknown_permission", "/permission"),
        (#"{"key":"a","permission":"project:*"}"#, 422, "unknown_permission", "/permission"),
        (#"{"key":"a","permission":"*:*"}"#, 422, "unknown_permission", "/permission"),
        (#"{"key":"a","permission":""}"#, 422, "unknown_permission", "/permission"),
        (#"{"key":"a","cost":-1}"#, 422, "invalid_cost", "/cost"),
        (#"{"key":"a","cost":1001}"#, 422, "invalid_cost", "/cost"),
        (#"{"key":"a","cost":1.0}"#, 422, "invalid_type", "/cost"),
        (#"{"key":"a","cost":"1"}"#, 422, "invalid_type", "/cost"),
        (#"{"key":"a","consistency":"eventual"}"#, 422, "invalid_consistency", "/consistency"),
        (#"{"key":"a","min_revision":-1}"#, 422, "invalid_min_revision", "/min_revision"),
    ])
    func `A20 a request that is itself wrong is refused with its place`(
        body: String, status: Int, code: String, pointer: String?
    ) async throws {
        try await withPlane { plane in
            let answer = try await plane.verify(body)
            #expect(answer.status == status && answer.code == code)
            #expect(answer.value("content-type") == "application/problem+json")
            let errors = answer.json["errors"] as? [[String: Any]]
            #expect(errors?.first?["pointer"] as? String == pointer)
        }
    }

    @Test func `several wrong values are told together`() async throws {
        try await withPlane { plane in
            let answer = try await plane.verify(#"{"key":"a","ip":"x","permission":"y","cost":5000}"#)
            let errors = answer.json["errors"] as? [[String: Any]] ?? []
            #expect(
                errors.compactMap { $0["code"] as? String } == ["unknown_permission", "invalid_ip", "invalid_cost"])
        }
    }

    @Test func `a digest stands for the key`() async throws {
        try await withPlane { plane in
            let digest = try KeyFixture().digest().hex
            #expect(try await plane.verify(#"{"key_sha256":"\#(digest)"}"#).code == "valid")
            #expect(try await plane.verify(#"{"key_sha256":"\#(digest.uppercased())"}"#).code == "valid")
            #expect(try await plane.authorize("", ["x-api-key: \(digest)"]).code == "invalid_api_key")
        }
    }

    @Test func `min_revision and strict are met or the answer is 503`() async throws {
        try await withPlane { plane in
            let key = try KeyFixture().text()
            #expect(try await plane.verify(#"{"key":"\#(key)","min_revision":812}"#).code == "valid")
            #expect(try await plane.verify(#"{"key":"\#(key)","consistency":"strict"}"#).code == "valid")
            let ahead = try await plane.verify(#"{"key":"\#(key)","min_revision":813}"#)
            #expect(ahead.status == 503 && ahead.code == "unavailable")
            #expect(ahead.json["valid"] as? Bool == false)
            plane.source.goDown()
            #expect(try await plane.verify(#"{"key":"\#(key)"}"#).code == "valid")
            #expect(try await plane.verify(#"{"key":"\#(key)","consistency":"strict"}"#).status == 503)
            let unknown = try KeyFixture(number: 50).text()
            let answer = try await plane.verify(#"{"key":"\#(unknown)"}"#)
            #expect(answer.status == 503 && answer.json["valid"] as? Bool == false)
            let gateway = try await plane.authorize("", ["x-api-key: \(unknown)"])
            #expect(gateway.status == 503 && gateway.value("retry-after") == "1")
            #expect(try await plane.authorize("?deny_as=403", ["x-api-key: \(unknown)"]).status == 403)
        }
    }

    @Test func `a batch answers each request in its place`() async throws {
        try await withPlane([KeyFixture(number: 1), KeyFixture(number: 2, isRevoked: true)]) { plane in
            func batch(_ requests: [String]) async throws -> Answer {
                try await plane.ask(
                    "POST /v1/verify/batch", ["Content-Type: application/json"],
                    body: #"{"requests":[\#(requests.joined(separator: ","))]}"#)
            }
            let texts = try (1...3).map { #"{"key":"\#(try KeyFixture(number: UInt8($0)).text())"}"# }
            for _ in 0..<2 {
                let answer = try await batch(texts + [#"{"key":""}"#, texts[0]])
                let results = answer.json["results"] as? [[String: Any]] ?? []
                #expect(
                    results.compactMap { $0["code"] as? String } == [
                        "valid", "revoked", "not_found", "missing", "valid",
                    ])
            }
            #expect(try await batch([]).body == #"{"results":[]}"#)
            let hundred = try await batch(Array(repeating: texts[0], count: 100))
            #expect((hundred.json["results"] as? [Any])?.count == 100)
            #expect(try await batch(Array(repeating: #"{"key":""}"#, count: 101)).code == "invalid_batch")
            let wrong = try await batch([texts[0], #"{"key":"a","ip":"x"}"#])
            #expect(wrong.status == 422)
            let errors = wrong.json["errors"] as? [[String: Any]]
            #expect(errors?.first?["pointer"] as? String == "/requests/1/ip")
            #expect(try await plane.ask("POST /v1/verify/batch", body: "{}").code == "required")
        }
    }

    @Test func `introspection tells an active key, and nothing of any other`() async throws {
        let keys = [
            KeyFixture(
                number: 1, granted: ["project:deploy", "invoice:read"], ceiling: ["project:*"],
                expiresAt: noon.adding(seconds: 9)),
            KeyFixture(number: 2, isRevoked: true), KeyFixture(number: 3, requests: 1),
        ]
        try await withPlane(keys) { plane in
            func introspect(_ form: String, type: String = "application/x-www-form-urlencoded") async throws -> Answer {
                try await plane.ask("POST /v1/introspect", ["Content-Type: \(type)"], body: form)
            }
            let active = try await introspect("token=\(try keys[0].text())&token_type_hint=access_token")
            #expect(active.json["active"] as? Bool == true)
            #expect(active.json["scope"] as? String == "project:deploy")
            #expect(active.json["exp"] as? Int == 1_795_262_409)
            let id = try keys[0].record().id.description
            #expect(active.json["client_id"] as? String == id)
            let limited = "token=\(try keys[2].text())"
            #expect(try await introspect(limited).json["active"] as? Bool == true)
            for form in [
                "token=\(try keys[1].text())", "token=\(try KeyFixture(number: 77).text())", "token=", "token=nonsense",
                limited, "token=%00",
            ] {
                let answer = try await introspect(form)
                #expect(answer.status == 200 && answer.body == #"{"active":false}"#, "\(form)")
            }
            for form in ["", "a=b", "token=a&token=b", "token=%zz"] {
                #expect(try await introspect(form).status == 400, "\(form)")
            }
            #expect(try await introspect("token=a", type: "application/json").status == 415)
            plane.source.goDown()
            #expect(try await introspect("token=\(try KeyFixture(number: 78).text())").status == 503)
        }
    }
}
