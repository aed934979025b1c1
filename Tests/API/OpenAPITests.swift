import Testing

@testable import KeybearerAPI

/// The document that is served, read once.
enum ServedDocument {
    private static let result = Result { try JSON.parse(OpenAPI.document, maximumDepth: 32) }

    static func parsed() throws -> JSON { try result.get() }

    /// Follows `#/a/b` from the document's root.
    static func resolve(_ reference: String, in document: JSON) -> JSON? {
        reference.split(separator: "/").dropFirst().reduce(document) { (place: JSON?, token) in place?[String(token)] }
    }

    static func schema(_ name: String) throws -> JSON {
        try #require(resolve("#/components/schemas/" + name, in: try parsed()), "\(name)")
    }
}

@Suite struct OpenAPITests {
    private static let methods = ["get", "head", "post", "put", "patch", "delete", "options"]

    private func operations() throws -> [(path: String, method: String, operation: JSON)] {
        let paths = try #require(try ServedDocument.parsed()["paths"]?.objectValue)
        return paths.members.flatMap { path, item in
            Self.methods.compactMap { method in item[method].map { (path, method, $0) } }
        }
    }

    @Test func `the document is JSON by the API's own parser`() throws {
        #expect(try ServedDocument.parsed()["openapi"] == "3.1.0")
    }

    @Test(arguments: [
        ("/v1/sessions", "get post"), ("/v1/sessions/{id}", "delete"), ("/v1/device/authorization", "post"),
        ("/v1/device/token", "post"), ("/v1/me/password", "put"), ("/v1/me", "get"),
        ("/v1/organizations", "get post"), ("/v1/organization", "get patch"), ("/v1/members", "get"),
        ("/v1/members/{id}", "put delete"), ("/v1/invitations", "get post"), ("/v1/invitations/{id}", "delete"),
        ("/v1/invitations/accept", "post"), ("/v1/roles", "get"), ("/v1/roles/{name}", "put delete"),
        ("/v1/permissions", "get"), ("/v1/api-keys", "get post"), ("/v1/api-keys/{id}", "get patch"),
        ("/v1/api-keys/{id}/revoke", "post"), ("/v1/api-keys/revoke", "post"), ("/v1/api-keys/{id}/rotate", "post"),
        ("/v1/api-keys/{id}/usage", "get"), ("/v1/api-keys/{id}/explain", "post"), ("/v1/api-keys/lookup", "post"),
        ("/v1/audit-events", "get"), ("/v1/operator/organizations", "get"),
        ("/v1/operator/organizations/{slug}", "put delete"),
        ("/v1/operator/organizations/{slug}/members/{email}", "put delete"), ("/v1/operator/users/{email}", "put"),
        ("/v1/operator/plans", "get"), ("/v1/operator/nodes", "get"), ("/v1/operator/api-keys/revoke", "post"),
        ("/v1/operator/sessions", "post"), ("/v1/verify", "post"), ("/v1/verify/batch", "post"),
        ("/v1/authorize", "get head post put patch delete options"),
        ("/v1/authorize/{path}", "get head post put patch delete options"), ("/v1/introspect", "post"),
        ("/healthz", "get"), ("/readyz", "get"), ("/metrics", "get"), ("/openapi.json", "get"),
    ])
    func `every call is documented with exactly its methods`(path: String, methods: String) throws {
        let documented = try operations().filter { $0.path == path }.map(\.method)
        #expect(documented == methods.split(separator: " ").map(String.init))
    }

    @Test func `every reference leads somewhere`() throws {
        let document = try ServedDocument.parsed()
        var count = 0
        func walk(_ json: JSON) {
            if let reference = json["$ref"]?.text {
                count += 1
                #expect(ServedDocument.resolve(reference, in: document) != nil, "\(reference)")
            }
            for member in json.objectValue?.members ?? [] { walk(member.value) }
            for element in json.elements ?? [] { walk(element) }
        }
        walk(document)
        #expect(count > 300)
    }

    @Test func `every operation has an identifier of its own, a summary, its security and its refusals`() throws {
        let operations = try operations()
        let identifiers = operations.compactMap { $0.operation["operationId"]?.text }
        #expect(Set(identifiers).count == operations.count)
        for (path, method, operation) in operations {
            #expect(operation["summary"]?.text != nil, "\(method) \(path)")
            #expect(operation["security"]?.elements?.isEmpty == false, "\(method) \(path)")
            let statuses = try #require(operation["responses"]?.objectValue?.keys)
            #expect(statuses.contains { $0.hasPrefix("2") }, "\(method) \(path)")
            #expect(statuses.contains { $0.hasPrefix("4") }, "\(method) \(path)")
        }
    }

    @Test func `A4 every JSON body refuses fields that its schema does not name, nested ones too`() throws {
        var bodies = 0
        func check(_ schema: JSON, _ name: String) {
            guard schema["properties"] != nil else { return }
            #expect(schema["additionalProperties"] == false, "\(name)")
            for (key, value) in schema["properties"]?.objectValue?.members ?? [] { check(value, name + "." + key) }
        }
        for (path, method, operation) in try operations() {
            guard let schema = operation["requestBody"]?["content"]?["application/json"]?["schema"] else { continue }
            let reference = try #require(schema["$ref"]?.text, "\(method) \(path)")
            #expect(reference.hasSuffix("Request"), "\(method) \(path)")
            let name = String(reference.split(separator: "/").last ?? "")
            check(try ServedDocument.schema(name), name)
            #expect(RequestBodyTests.bodies.contains { $0.schema == name }, "\(name) has no type that is tested")
            bodies += 1
        }
        #expect(bodies == RequestBodyTests.bodies.count)
    }

    @Test func `examples carry no key that a scanner would take for real`() throws {
        let text = String(decoding: OpenAPI.document, as: UTF8.self)
        for match in text.matches(of: /sk_[0-9a-f]{64}/) {
            #expect(match.output == "sk_" + String(repeating: "0", count: 64))
        }
    }
}
