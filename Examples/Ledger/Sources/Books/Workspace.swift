import GRDB

/// A tenant: one company's books.
struct Workspace: Sendable, Hashable {
    let id: Int64
    let slug: String
    let name: String
    /// The name of one of the plans that the key server knows.
    let plan: String
    /// What the key server calls it, `org_…`; a key leads here by this alone.
    let organizationID: String

    init(_ row: Row) {
        id = row["id"]
        slug = row["slug"]
        name = row["name"]
        plan = row["plan"]
        organizationID = row["organization_id"]
    }
}

/// What somebody may do on the pages.
enum Role: String, Sendable, CaseIterable {
    case owner, admin, member

    var mayWrite: Bool { self != .member }
}

/// Somebody of a workspace.
struct Member: Sendable {
    let personID: Int64
    let email: String
    let name: String
    let role: Role

    init(_ row: Row) {
        personID = row["id"]
        email = row["email"]
        name = row["name"]
        role = Role(rawValue: row["role"]) ?? .member
    }
}
