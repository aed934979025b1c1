import KeybearerVerification
import Testing

@Suite struct PermissionCatalogueTests {
    private func harbor() throws -> PermissionCatalogue {
        try PermissionCatalogue(resources: ["project": ["read", "deploy"], "billing": ["pay"]])
    }

    @Test func `Z12 the catalogue is the operator's resources and Keybearer's own`() throws {
        let catalogue = try harbor()
        #expect(
            catalogue.resources.map(\.name) == [
                "api_key", "audit", "billing", "member", "organization", "project", "role",
            ])
        #expect(catalogue.resources.first { $0.name == "project" }?.actions == ["read", "deploy"])
        #expect(catalogue.resources.first { $0.name == "api_key" }?.actions == ["read", "create", "update", "revoke"])
        #expect(PermissionCatalogue.builtIn.resources.count == 5)
    }

    @Test(arguments: [
        ("project:read", true), ("project/p1:deploy", true), ("project:*", true), ("*:*", true), ("*:pay", true),
        ("project/p1:*", true), ("project:pay", false), ("unknown:read", false), ("*:fly", false),
        ("api_key:create", true), ("api_key/k1:create", false), ("audit:*", true), ("audit:update", false),
    ])
    func `Z12 what the catalogue does not know is not in it`(text: String, isContained: Bool) throws {
        #expect(try harbor().contains(try permission(text)) == isContained)
    }

    @Test func `A3 a wildcard can be granted but not asked for`() throws {
        let catalogue = try harbor()
        #expect(catalogue.isRequestable(try permission("project/p1:deploy")))
        for text in ["project:*", "*:read", "*:*", "unknown:read"] {
            #expect(!catalogue.isRequestable(try permission(text)))
        }
    }

    @Test func `Z8 a permission gone from the catalogue matches nothing`() throws {
        let effective = try harbor().effective([try permission("project:read"), try permission("queue:read")])
        #expect(effective.permissions.map(\.description) == ["project:read"])
        #expect(!effective.covers(try permission("queue:read")))
    }

    @Test func `H1 the owner holds all, an admin neither keys nor roles, a member may read`() throws {
        let catalogue = try harbor()
        #expect(catalogue.ownerSet.permissions.map(\.description) == ["*:*"])
        #expect(
            catalogue.adminSet.permissions.map(\.description) == [
                "audit:*", "billing:*", "member:*", "organization:*", "project:*",
            ])
        #expect(
            catalogue.memberSet.permissions.map(\.description) == ["member:read", "organization:read", "project:read"])
        #expect(!catalogue.adminSet.covers(try permission("api_key:create")))
        #expect(catalogue.ownerSet.exceeding(catalogue.adminSet).isEmpty)
    }

    @Test(arguments: [
        (["Project": ["read"]], CatalogueError.invalidResource("Project")),
        (["*": ["read"]], .invalidResource("*")),
        (["caf\u{65}\u{301}": ["read"]], .invalidResource("caf\u{65}\u{301}")),
        (["project": ["Read"]], .invalidAction(resource: "project", action: "Read")),
        (["project": ["*"]], .invalidAction(resource: "project", action: "*")),
        (["project": ["read", "read"]], .repeatedAction(resource: "project", action: "read")),
        (["project": []], .noActions(resource: "project")),
        (["api_key": ["read"]], .redefinesBuiltIn("api_key")),
    ])
    func `A3 a catalogue with a mistake in it is refused`(resources: [String: [String]], expected: CatalogueError) {
        #expect(throws: expected) { try PermissionCatalogue(resources: resources) }
    }
}
