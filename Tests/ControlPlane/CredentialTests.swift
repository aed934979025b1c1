import KeybearerAPI
import Testing

@testable import KeybearerControlPlane

@Suite struct `One credential, whichever header brings it` {
    private static func values(_ fields: [(String, String)]) -> FieldValues {
        FieldValues(fields.map { FieldValues.Field(name: $0.0.utf8, value: $0.1) })
    }

    @Test(arguments: [
        ([("Authorization", "Bearer sk_1")], "sk_1"), ([("authorization", "bEARer sk_1")], "sk_1"),
        ([("Authorization", "Bearer   sk_1")], "sk_1"), ([("X-API-Key", "sk_1")], "sk_1"),
        ([("Authorization", "Bearer sk_1"), ("x-api-key", "sk_1")], "sk_1"),
        ([("Authorization", "Bearer sk_1 x")], "sk_1 x"),
    ])
    func `A41 both headers lead to the same token`(fields: [(String, String)], token: String) throws {
        #expect(try Credential.find(in: Self.values(fields)) == Array(token.utf8))
    }

    @Test(
        arguments: [
            [], [("Authorization", "")], [("Authorization", "Bearer")], [("Authorization", "Bearer ")],
            [("Authorization", "Basic YTpi")], [("Authorization", "Bearersk_1")], [("x-api-key", "")],
            [("Cookie", "keybearer=kbs_1")], [("Proxy-Authorization", "Bearer sk_1")], [("X_API_KEY", "sk_1")],
        ] as [[(String, String)]])
    func `A42 what is no credential is none`(fields: [(String, String)]) throws {
        #expect(try Credential.find(in: Self.values(fields)) == nil)
    }

    @Test(arguments: [
        [("Authorization", "Bearer sk_1"), ("x-api-key", "sk_2")],
        [("Authorization", "Bearer sk_1"), ("Authorization", "Bearer sk_1")],
        [("x-api-key", "sk_1"), ("x-api-key", "sk_1")], [("x-api-key", "sk_1,sk_2")],
        [("Authorization", "Bearer sk_1, Bearer sk_2")], [("Authorization", "Basic YTpi"), ("x-api-key", "sk_1")],
        [("Authorization", "Bearer sk_1"), ("x-api-key", "")],
        [("Authorization", "Bearer SK_1"), ("x-api-key", "sk_1")],
    ])
    func `A14 two credentials are refused, never chosen from`(fields: [(String, String)]) {
        #expect { try Credential.find(in: Self.values(fields)) } throws: {
            ($0 as? Refusal)?.problem.status == 400 && ($0 as? Refusal)?.problem.code == "ambiguous_credentials"
        }
    }
}
