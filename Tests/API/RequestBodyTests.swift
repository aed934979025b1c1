import Testing

@testable import KeybearerAPI

/// What a body's type reads, held against what the OpenAPI document says of it.
@Suite struct RequestBodyTests {
    struct Documented: Sendable, CustomTestStringConvertible {
        let schema: String
        let type: any RequestBody.Type
        /// Fields that the document requires and whose absence gets a code of their own later on.
        var judgedLater: Set<String> = []

        var testDescription: String { schema }
    }

    static let bodies = [
        Documented(schema: "SignInRequest", type: SignInBody.self),
        Documented(schema: "ChangePasswordRequest", type: ChangePasswordBody.self),
        Documented(schema: "CreateOrganizationRequest", type: CreateOrganizationBody.self),
        Documented(schema: "UpdateOrganizationRequest", type: UpdateOrganizationBody.self),
        Documented(schema: "PutMemberRequest", type: PutMemberBody.self),
        Documented(schema: "CreateInvitationRequest", type: CreateInvitationBody.self),
        Documented(schema: "AcceptInvitationRequest", type: AcceptInvitationBody.self),
        Documented(schema: "PutRoleRequest", type: PutRoleBody.self),
        Documented(schema: "CreateKeyRequest", type: CreateKeyBody.self, judgedLater: ["name"]),
        Documented(schema: "UpdateKeyRequest", type: UpdateKeyBody.self),
        Documented(schema: "RevokeKeyRequest", type: RevokeKeyBody.self),
        Documented(schema: "BulkRevokeRequest", type: BulkRevokeBody.self, judgedLater: ["filter"]),
        Documented(schema: "RotateKeyRequest", type: RotateKeyBody.self),
        Documented(schema: "ExplainRequest", type: ExplainBody.self),
        Documented(schema: "LookupRequest", type: LookupBody.self),
        Documented(schema: "VerifyRequest", type: VerifyBody.self),
        Documented(schema: "VerifyBatchRequest", type: VerifyBatchBody.self),
        Documented(schema: "OperatorPutOrganizationRequest", type: OperatorPutOrganizationBody.self),
        Documented(schema: "OperatorPutMemberRequest", type: OperatorPutMemberBody.self),
        Documented(schema: "OperatorPutUserRequest", type: OperatorPutUserBody.self),
        Documented(schema: "OperatorRevokeRequest", type: OperatorRevokeBody.self),
        Documented(schema: "OperatorSessionRequest", type: OperatorSessionBody.self),
    ]

    private func properties(_ body: Documented) throws -> JSONObject {
        try #require(try ServedDocument.schema(body.schema)["properties"]?.objectValue)
    }

    /// A value of the schema's first type.
    private func sample(_ schema: JSON) throws -> JSON {
        if schema["$ref"] != nil { return ["key": ""] }
        switch schema["type"]?.elements?.first?.text ?? schema["type"]?.text {
        case "string": return "x"
        case "integer": return 1
        case "boolean": return true
        case "array": return [try sample(try #require(schema["items"]))]
        default:
            guard let properties = schema["properties"]?.objectValue else { return ["label": "x"] }
            return .object(JSONObject(try properties.members.map { ($0.key, try sample($0.value)) }))
        }
    }

    private func complete(_ body: Documented) throws -> JSONObject {
        JSONObject(try properties(body).members.map { ($0.key, try sample($0.value)) })
    }

    private func refusal(_ body: Documented, _ object: JSONObject) -> BodyError? {
        do throws(BodyError) {
            var reader = try ObjectReader(.object(object))
            _ = try body.type.init(&reader)
            try reader.finish()
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: bodies)
    func `a body reads exactly the documented fields`(body: Documented) throws {
        var reader = try ObjectReader(.object(try complete(body)))
        _ = try body.type.init(&reader)
        #expect(Set(reader.namesRead) == Set(try properties(body).keys))
        #expect(refusal(body, try complete(body)) == nil)
    }

    @Test(arguments: bodies)
    func `a field may be left out where the document says so`(body: Documented) throws {
        let required = Set(try ServedDocument.schema(body.schema)["required"]?.elements?.compactMap(\.text) ?? [])
        for name in try properties(body).keys {
            var object = try complete(body)
            object[name] = nil
            let refusal = refusal(body, object)
            if required.subtracting(body.judgedLater).contains(name) {
                #expect(refusal?.code == "required", "\(name)")
                #expect(refusal?.errors.map(\.pointer) == ["/" + name])
            } else {
                #expect(refusal == nil, "\(name)")
            }
        }
    }

    @Test(arguments: bodies)
    func `a field of another type is refused, null included where the document does not allow it`(body: Documented)
        throws
    {
        for (name, schema) in try properties(body).members {
            let types = schema["type"]?.elements?.compactMap(\.text) ?? []
            var object = try complete(body)
            object[name] = .null
            #expect(refusal(body, object)?.code == (types.contains("null") ? nil : "invalid_type"), "\(name)")
            object[name] = .number(1.5)
            let refusal = refusal(body, object)
            #expect(refusal?.code == "invalid_type", "\(name)")
            #expect(refusal?.errors.first?.pointer == "/" + name)
        }
    }

    @Test(arguments: bodies)
    func `A1 A4 a field that belongs to the server cannot be written`(body: Documented) throws {
        let columns = [
            "id", "organization_id", "org_id", "user_id", "userId", "created_by", "created_at", "digest", "hash",
            "preview", "status", "revoked_at", "revoked_by", "is_owner", "is_admin", "user_role", "rate_limit",
            "quota", "features", "slug", "plan", "suspended", "verified", "disabled", "role", "grants", "permissions",
            "organization", "allowed_ips", "enabled", "__proto__", "last_used_at", "rotated_from", "successor",
        ]
        let documented = Set(try properties(body).keys)
        for column in columns where !documented.contains(column) {
            var object = try complete(body)
            object[column] = "x"
            let refusal = refusal(body, object)
            #expect(refusal?.code == "unknown_field", "\(column)")
            #expect(refusal?.errors.map(\.pointer) == ["/" + column])
        }
    }

    @Test func `A4 unknown fields inside a filter and inside a batch are refused with their place`() throws {
        let filter = #"{"filter":{"ids":[],"organization":"x"}}"#
        let bulk = #expect(throws: BodyError.self) { try Body.read(filter.utf8, as: BulkRevokeBody.self) }
        #expect(bulk?.errors.map(\.pointer) == ["/filter/organization"])
        let requests = #"{"requests":[{"key":"a"},{"key":"b","org":1}]}"#
        let batch = #expect(throws: BodyError.self) { try Body.read(requests.utf8, as: VerifyBatchBody.self) }
        #expect(batch?.errors.map(\.pointer) == ["/requests/1/org"])
    }

    @Test func `A3 nothing sent means nothing granted, and null is not a way to say it`() throws {
        let body = try Body.read([UInt8](), as: CreateKeyBody.self)
        #expect(body.permissions.isEmpty)
        #expect(body.name.isEmpty)
        for field in ["permissions", "allowed_ips", "labels"] {
            let text = #"{"name":"x","\#(field)":null}"#
            let refusal = #expect(throws: BodyError.self) { try Body.read(text.utf8, as: CreateKeyBody.self) }
            #expect(refusal?.code == "invalid_type")
        }
    }

    @Test func `a change tells an expiry that is cleared from one that is left alone`() throws {
        #expect(try Body.read(#"{"expires_at":null}"#.utf8, as: UpdateKeyBody.self).expiresAt == .null)
        #expect(try Body.read(#"{}"#.utf8, as: UpdateKeyBody.self).expiresAt == .absent)
        #expect(try Body.read(#"{"allowed_ips":[]}"#.utf8, as: UpdateKeyBody.self).allowedIPs == .value([]))
    }

    @Test(arguments: ["{}", #"{"filter":{}}"#])
    func `a filter that says nothing is empty`(text: String) throws {
        #expect(try Body.read(text.utf8, as: BulkRevokeBody.self).isFilterEmpty)
    }
}
