import GRDB

/// Every row that belongs to a workspace starts its primary key with it, and refers only to rows of the same one: the
/// database itself refuses an invoice for another workspace's customer.
enum Schema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { try $0.execute(sql: first) }
        return migrator
    }

    private static let first = """
        CREATE TABLE workspace (
            id INTEGER PRIMARY KEY, slug TEXT NOT NULL UNIQUE, name TEXT NOT NULL, plan TEXT NOT NULL,
            organization_id TEXT NOT NULL UNIQUE, last_invoice_number INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE TABLE person (
            id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, name TEXT NOT NULL, password TEXT NOT NULL
        ) STRICT;
        CREATE TABLE membership (
            workspace_id INTEGER NOT NULL REFERENCES workspace, person_id INTEGER NOT NULL REFERENCES person,
            role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'member')),
            PRIMARY KEY (workspace_id, person_id)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE session (
            token_hash BLOB PRIMARY KEY, person_id INTEGER NOT NULL REFERENCES person, workspace_id INTEGER NOT NULL,
            form_token TEXT NOT NULL, expires_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE customer (
            workspace_id INTEGER NOT NULL REFERENCES workspace, id TEXT NOT NULL, name TEXT NOT NULL,
            email TEXT, created_at INTEGER NOT NULL,
            PRIMARY KEY (workspace_id, id)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE invoice (
            workspace_id INTEGER NOT NULL REFERENCES workspace, id TEXT NOT NULL, number INTEGER NOT NULL,
            customer_id TEXT NOT NULL, currency TEXT NOT NULL CHECK (length(currency) = 3), due_on TEXT NOT NULL,
            total_cents INTEGER NOT NULL CHECK (total_cents >= 0), created_at INTEGER NOT NULL, sent_at INTEGER,
            paid_at INTEGER CHECK (paid_at IS NULL OR sent_at IS NOT NULL),
            PRIMARY KEY (workspace_id, id), UNIQUE (workspace_id, number),
            FOREIGN KEY (workspace_id, customer_id) REFERENCES customer (workspace_id, id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX invoice_by_customer ON invoice (workspace_id, customer_id);
        CREATE TABLE invoice_line (
            workspace_id INTEGER NOT NULL, invoice_id TEXT NOT NULL, position INTEGER NOT NULL,
            description TEXT NOT NULL, quantity INTEGER NOT NULL CHECK (quantity > 0),
            unit_cents INTEGER NOT NULL CHECK (unit_cents >= 0),
            PRIMARY KEY (workspace_id, invoice_id, position),
            FOREIGN KEY (workspace_id, invoice_id) REFERENCES invoice (workspace_id, id)
        ) STRICT, WITHOUT ROWID;
        """
}
