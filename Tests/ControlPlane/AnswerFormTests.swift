import KeybearerAPI
import KeybearerAdministration
import KeybearerVerification
import Testing

@testable import KeybearerControlPlane

@Suite struct `The form of answers` {
    @Test(arguments: [
        ("not_found", 404), ("missing", 401), ("invalid_token", 401), ("invalid_credentials", 401),
        ("insufficient_permissions", 403), ("owner_required", 403), ("user_login_required", 403),
        ("wrong_organization", 403), ("permission_escalation", 403), ("feature_not_available", 403),
        ("quota_exceeded", 403), ("not_allowed", 403), ("organization_required", 400), ("too_many_attempts", 429),
        ("last_owner", 409), ("role_built_in", 409), ("email_unverified", 409), ("idempotency_conflict", 409),
        ("idempotency_in_progress", 409), ("precondition_failed", 412), ("invalid_name", 422),
        ("unknown_permission", 422), ("invalid_ip", 422), ("cidr_not_accepted", 422), ("invalid_expiry", 422),
        ("unavailable", 503), ("indeterminate", 503),
    ])
    func `the contract's codes have the contract's statuses`(code: String, status: Int) throws {
        #expect(try #require(Failure.Code(rawValue: code)).status == status)
    }

    @Test func `no failure looks like a success`() {
        for code in Failure.Code.allCases { #expect((400..<600).contains(code.status), "\(code)") }
    }

    @Test func `A22 malformed and unknown keys are one answer, ended ones are named`() {
        func refusal(_ verdict: Verdict) -> Refusal { Refusal(Decision(verdict: verdict, revision: 1)) }
        #expect(refusal(.malformed).problem == refusal(.notFound).problem)
        #expect(refusal(.malformed).problem.code == "invalid_api_key")
        for verdict in [Verdict.revoked, .expired, .disabled] {
            #expect(refusal(verdict).problem.code == verdict.rawValue)
            #expect(refusal(verdict).problem.status == 401)
            #expect(refusal(verdict).challenge == .invalidToken)
        }
        #expect(refusal(.unavailable).problem.status == 503)
        #expect(refusal(.missing).challenge == .bare)
    }

    @Test(arguments: [
        ("limit=0", "invalid_limit"), ("limit=101", "invalid_limit"), ("limit=+5", "invalid_limit"),
        ("limit=5.0", "invalid_limit"), ("limit=", "invalid_limit"), ("limit=99999999999999999999", "invalid_limit"),
        ("cursor=x", "invalid_cursor"), ("cursor=", "invalid_cursor"), ("limit=5&limit=5", "invalid_query"),
        ("cursor=usr_00000000000000000000000000", "invalid_cursor"), ("offset=5", "invalid_query"),
        ("limit=%", "invalid_query"), ("limit=%ff", "invalid_query"), ("api_key=sk_1", "invalid_query"),
    ])
    func `paging is validated`(query: String, code: String) {
        #expect {
            _ = try PageRequest(QueryParameters(query, allowed: PageRequest.parameters)).page(of: KeyID.self)
        } throws: {
            ($0 as? Refusal)?.problem.code == code && ($0 as? Refusal)?.problem.status == 422
        }
    }

    @Test func `A29 a secret in the query does not come back`() {
        #expect {
            _ = try QueryParameters("sk_abcdef0123456789=1", allowed: [])
        } throws: {
            ($0 as? Refusal)?.problem.detail.contains("abcdef") == false
        }
    }

    @Test func `a page ends with a cursor only where more follows`() throws {
        struct Number: Resource {
            let value: Int
            var json: JSON { JSON(value) }
        }
        let page = try PageRequest(QueryParameters("limit=2", allowed: PageRequest.parameters))
        func answer(_ items: [Int]) throws -> JSON {
            try JSON.parse(page.reply(items, cursor: { String($0) }, resource: { Number(value: $0) }).body)
        }
        #expect(try answer([9, 8, 7]) == ["data": [9, 8], "next_cursor": "8"])
        #expect(try answer([9, 8]) == ["data": [9, 8], "next_cursor": nil])
        #expect(try answer([]) == ["data": [], "next_cursor": nil])
    }

    @Test func `dates are written as HTTP writes them`() throws {
        let moment = try #require(Timestamp(rfc3339: "1994-11-06T08:49:37Z"))
        #expect(HTTPDate.text(moment) == "Sun, 06 Nov 1994 08:49:37 GMT")
    }

    @Test(arguments: [
        ([], true), (["*"], true), (["\"a\", TAG"], true), (["TAG"], true), (["\"a\"", "TAG"], true),
        (["W/TAG"], false), (["\"a\""], false), (["a"], false), ([""], false),
    ])
    func `If-Match holds for the tag, a list with it, or anything`(values: [String], holds: Bool) {
        let tag = EntityTag(of: ["a": 1])
        let condition = Precondition(values.map { $0.replacing("TAG", with: tag.description) })
        #expect(condition.holds(for: tag) == holds)
    }
}
