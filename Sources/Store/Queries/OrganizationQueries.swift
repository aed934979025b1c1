import KeybearerAdministration
import KeybearerVerification

/// The records of one open transaction.
///
/// Lists are paged by `id < coalesce($n, '~')`, which sorts above every identifier: an index starts a page where it
/// begins. `$n IS NULL OR id < $n` says the same, but walks over all that earlier pages held.
struct SQLRecords {
    let connection: any Connection
}

extension SQLRecords: OrganizationRecords {
    func organization(_ reference: OrganizationReference) throws -> Organization? {
        // Every change within an organization begins here, so its quota and its owners are decided one at a time.
        switch reference {
        case .id(let id): try connection.exclude(.organization(id))
        case .slug(let slug): try connection.exclude(.organizationNamed(slug))
        }
        let row =
            switch reference {
            case .id(let id):
                try connection.row(
                    """
                    SELECT id, slug, name, plan, is_suspended, created_at, deleted_at FROM organization
                    WHERE id = $1 AND deleted_at IS NULL
                    """, [.text(id)])
            case .slug(let slug):
                try connection.row(
                    """
                    SELECT id, slug, name, plan, is_suspended, created_at, deleted_at FROM organization
                    WHERE slug = $1 AND deleted_at IS NULL
                    """, [.text(slug)])
            }
        return try row?.organization()
    }

    func organizations(_ page: Page<OrganizationID>) throws -> [Organization] {
        try connection.rows(
            """
            SELECT id, slug, name, plan, is_suspended, created_at, deleted_at FROM organization
            WHERE deleted_at IS NULL AND id < coalesce($1, '~') ORDER BY id DESC LIMIT $2
            """, [.text(page.after), .number(page.limit)]
        ).map { try $0.organization() }
    }

    func organizations(of user: UserID) throws -> [Organization] {
        try connection.exclude(.person(user))
        return try connection.rows(
            """
            SELECT o.id, o.slug, o.name, o.plan, o.is_suspended, o.created_at, o.deleted_at
            FROM member m JOIN organization o ON o.id = m.organization_id
            WHERE m.user_id = $1 AND o.deleted_at IS NULL ORDER BY o.slug
            """, [.text(user)]
        ).map { try $0.organization() }
    }
}

extension SQLRow {
    fileprivate func organization() throws -> Organization {
        Organization(
            id: try id(0), slug: try parsed(1) { Slug($0) }, name: try text(2), plan: try text(3),
            isSuspended: try flag(4), createdAt: try time(5), deletedAt: try optionalTime(6))
    }
}
