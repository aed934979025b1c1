/// The schema, forward only: a released step is never edited, a new one follows it.
enum Migrations {
    static let latest = Int64(steps.count)

    static let steps: [[StaticString]] = [
        [
            """
            CREATE TABLE organization (
                id TEXT PRIMARY KEY NOT NULL CHECK (id LIKE 'org\\_%' ESCAPE '\\'),
                slug TEXT NOT NULL, name TEXT NOT NULL, plan TEXT NOT NULL,
                is_suspended INTEGER NOT NULL CHECK (is_suspended IN (0, 1)),
                created_at INTEGER NOT NULL, deleted_at INTEGER
            ) STRICT
            """,
            "CREATE UNIQUE INDEX organization_slug ON organization (slug) WHERE deleted_at IS NULL",
            """
            CREATE TABLE person (
                id TEXT PRIMARY KEY NOT NULL, email TEXT NOT NULL UNIQUE, name TEXT NOT NULL, password_hash TEXT,
                is_verified INTEGER NOT NULL CHECK (is_verified IN (0, 1)),
                is_disabled INTEGER NOT NULL CHECK (is_disabled IN (0, 1)), created_at INTEGER NOT NULL
            ) STRICT
            """,
            """
            CREATE TABLE member (
                organization_id TEXT NOT NULL REFERENCES organization (id),
                user_id TEXT NOT NULL REFERENCES person (id),
                role TEXT NOT NULL, grants TEXT NOT NULL, joined_at INTEGER NOT NULL,
                PRIMARY KEY (organization_id, user_id)
            ) STRICT, WITHOUT ROWID
            """,
            "CREATE INDEX member_user ON member (user_id)",
            """
            CREATE TABLE role (
                organization_id TEXT NOT NULL REFERENCES organization (id),
                name TEXT NOT NULL, permissions TEXT NOT NULL, created_at INTEGER NOT NULL,
                PRIMARY KEY (organization_id, name)
            ) STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE api_key (
                id TEXT PRIMARY KEY NOT NULL, organization_id TEXT NOT NULL REFERENCES organization (id),
                name TEXT NOT NULL, digest BLOB NOT NULL CHECK (length(digest) = 32), pepper_id TEXT,
                preview TEXT NOT NULL, permissions TEXT NOT NULL, allowed_ips TEXT NOT NULL,
                is_disabled INTEGER NOT NULL CHECK (is_disabled IN (0, 1)), expires_at INTEGER,
                rate_requests INTEGER, rate_window_seconds INTEGER,
                creator_kind TEXT NOT NULL CHECK (creator_kind IN ('user', 'api_key', 'operator')),
                creator_id TEXT NOT NULL, creator_name TEXT NOT NULL, created_at INTEGER NOT NULL,
                revoked_at INTEGER, revoked_by TEXT, revoke_reason TEXT,
                rotated_from TEXT, successor TEXT, overlap_ends_at INTEGER,
                CHECK ((revoked_at IS NULL) = (revoked_by IS NULL)),
                CHECK ((rate_requests IS NULL) = (rate_window_seconds IS NULL)),
                UNIQUE (digest)
            ) STRICT
            """,
            "CREATE INDEX api_key_organization ON api_key (organization_id, id)",
            "CREATE INDEX api_key_live ON api_key (organization_id, expires_at) WHERE revoked_at IS NULL",
            "CREATE INDEX api_key_creator ON api_key (organization_id, creator_id, id)",
            """
            CREATE TABLE api_key_label (
                key_id TEXT NOT NULL REFERENCES api_key (id), organization_id TEXT NOT NULL,
                name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (key_id, name)
            ) STRICT, WITHOUT ROWID
            """,
            "CREATE INDEX api_key_label_value ON api_key_label (organization_id, name, value)",
            """
            CREATE TABLE key_last_use (
                key_id TEXT PRIMARY KEY NOT NULL, organization_id TEXT NOT NULL, at INTEGER NOT NULL, address TEXT
            ) STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE usage_hourly (
                key_id TEXT NOT NULL, organization_id TEXT NOT NULL, hour INTEGER NOT NULL, verdict TEXT NOT NULL,
                count INTEGER NOT NULL, PRIMARY KEY (key_id, hour, verdict)
            ) STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE permission_last_use (
                key_id TEXT NOT NULL, organization_id TEXT NOT NULL, permission TEXT NOT NULL, hour INTEGER NOT NULL,
                PRIMARY KEY (key_id, permission)
            ) STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE key_denial (
                number INTEGER PRIMARY KEY, key_id TEXT NOT NULL, organization_id TEXT NOT NULL, at INTEGER NOT NULL,
                verdict TEXT NOT NULL, address TEXT, permission TEXT
            ) STRICT
            """,
            "CREATE INDEX key_denial_key ON key_denial (key_id, number)",
            """
            CREATE TABLE session (
                id TEXT PRIMARY KEY NOT NULL, user_id TEXT NOT NULL REFERENCES person (id),
                kind TEXT NOT NULL CHECK (kind IN ('console', 'token')),
                token_digest BLOB NOT NULL UNIQUE CHECK (length(token_digest) = 32),
                created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, last_seen_at INTEGER NOT NULL,
                address TEXT, organization_id TEXT, via_operator TEXT
            ) STRICT
            """,
            "CREATE INDEX session_user ON session (user_id, id)",
            """
            CREATE TABLE operator_token (
                id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL,
                token_digest BLOB NOT NULL UNIQUE CHECK (length(token_digest) = 32),
                is_read_only INTEGER NOT NULL CHECK (is_read_only IN (0, 1)), allowed_ips TEXT NOT NULL,
                created_at INTEGER NOT NULL, expires_at INTEGER, revoked_at INTEGER
            ) STRICT
            """,
            """
            CREATE TABLE invitation (
                id TEXT PRIMARY KEY NOT NULL, organization_id TEXT NOT NULL REFERENCES organization (id),
                email TEXT NOT NULL, role TEXT NOT NULL,
                token_digest BLOB NOT NULL UNIQUE CHECK (length(token_digest) = 32),
                invited_by TEXT NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, accepted_at INTEGER
            ) STRICT
            """,
            "CREATE INDEX invitation_organization ON invitation (organization_id, id)",
            """
            CREATE TABLE sign_in_link (
                token_digest BLOB PRIMARY KEY NOT NULL CHECK (length(token_digest) = 32),
                user_id TEXT NOT NULL REFERENCES person (id),
                organization_id TEXT NOT NULL REFERENCES organization (id),
                via_operator TEXT NOT NULL, expires_at INTEGER NOT NULL, used_at INTEGER
            ) STRICT
            """,
            """
            CREATE TABLE remembered_answer (
                claim BLOB PRIMARY KEY NOT NULL CHECK (length(claim) = 32), body_digest BLOB NOT NULL,
                status INTEGER NOT NULL, answer BLOB NOT NULL, expires_at INTEGER NOT NULL
            ) STRICT
            """,
            """
            CREATE TABLE audit_event (
                id TEXT PRIMARY KEY NOT NULL, chain TEXT NOT NULL, position INTEGER NOT NULL CHECK (position > 0),
                at INTEGER NOT NULL, actor TEXT NOT NULL, via TEXT, address TEXT, action TEXT NOT NULL, target TEXT,
                outcome TEXT NOT NULL, count INTEGER NOT NULL, details TEXT NOT NULL,
                previous BLOB NOT NULL CHECK (length(previous) = 32), hash BLOB NOT NULL CHECK (length(hash) = 32),
                UNIQUE (chain, position)
            ) STRICT
            """,
            """
            CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event
            BEGIN SELECT RAISE(ABORT, 'audit events are not changed'); END
            """,
            """
            CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON audit_event
            BEGIN SELECT RAISE(ABORT, 'audit events are not removed'); END
            """,
            """
            CREATE TABLE change_log (
                seq INTEGER PRIMARY KEY NOT NULL, at INTEGER NOT NULL,
                effect TEXT NOT NULL CHECK (effect IN ('none', 'key', 'organization', 'everything')),
                digest BLOB, pepper_id TEXT, organization_id TEXT
            ) STRICT
            """,
        ],
        [
            // Lists and searches of an organization's keys, and its quota, read this index alone.
            """
            CREATE INDEX api_key_list ON api_key
                (organization_id, id, name, creator_id, expires_at, overlap_ends_at, revoked_at)
            """,
            """
            CREATE INDEX api_key_quota ON api_key (organization_id, expires_at, overlap_ends_at, successor)
                WHERE revoked_at IS NULL
            """,
            "CREATE INDEX api_key_idle ON api_key (organization_id, id) WHERE revoked_at IS NULL AND permissions = ''",
            """
            CREATE INDEX api_key_unbounded ON api_key (organization_id, id)
                WHERE revoked_at IS NULL AND permissions LIKE '%*:*%'
            """,
            "CREATE INDEX key_last_use_organization ON key_last_use (organization_id, at)",
            "CREATE INDEX audit_event_target ON audit_event (chain, target, position)",
            """
            CREATE TABLE device_login (
                device_code_digest BLOB PRIMARY KEY NOT NULL CHECK (length(device_code_digest) = 32),
                user_code_digest BLOB NOT NULL UNIQUE CHECK (length(user_code_digest) = 32),
                client TEXT NOT NULL, address TEXT, origin TEXT NOT NULL,
                created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,
                state TEXT NOT NULL CHECK (state IN ('pending', 'approved', 'denied')),
                approved_by TEXT REFERENCES person (id), organization_id TEXT REFERENCES organization (id),
                via_operator TEXT, CHECK ((state = 'approved') = (approved_by IS NOT NULL))
            ) STRICT
            """,
            "CREATE INDEX device_login_origin ON device_login (origin, expires_at)",
        ],
        [
            """
            CREATE TABLE audit_checkpoint (
                chain TEXT PRIMARY KEY NOT NULL, position INTEGER NOT NULL CHECK (position > 0),
                hash BLOB NOT NULL CHECK (length(hash) = 32), at INTEGER NOT NULL,
                seal BLOB NOT NULL CHECK (length(seal) = 32)
            ) STRICT, WITHOUT ROWID
            """,
            "DROP TRIGGER audit_event_no_delete",
            """
            CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON audit_event
            WHEN OLD.position > coalesce((SELECT position FROM audit_checkpoint WHERE chain = OLD.chain), 0)
            BEGIN SELECT RAISE(ABORT, 'audit events are not removed'); END
            """,
            "CREATE INDEX audit_event_at ON audit_event (at)",
            "CREATE INDEX usage_hourly_hour ON usage_hourly (hour)",
            // A database that has moved to another server, or one that another moves into.
            """
            CREATE TABLE store_move (
                one INTEGER PRIMARY KEY NOT NULL CHECK (one = 1),
                state TEXT NOT NULL CHECK (state IN ('arriving', 'arrived', 'left')), place TEXT NOT NULL,
                at INTEGER NOT NULL
            ) STRICT
            """,
        ],
        // The beginnings of api_key_list and api_key_quota, which serve whatever these did.
        ["DROP INDEX api_key_organization", "DROP INDEX api_key_live"],
        [
            // Retention finds old events by their identifiers, which sort by time.
            "DROP INDEX audit_event_at",
            // What a column may hold said word by word: for a list of more than two SQLite fills a table at every insert.
            """
            CREATE TABLE change_log_anew (
                seq INTEGER PRIMARY KEY NOT NULL, at INTEGER NOT NULL,
                effect TEXT NOT NULL CHECK (
                    effect = 'none' OR effect = 'key' OR effect = 'organization' OR effect = 'everything'),
                digest BLOB, pepper_id TEXT, organization_id TEXT
            ) STRICT
            """,
            """
            INSERT INTO change_log_anew (seq, at, effect, digest, pepper_id, organization_id)
            SELECT seq, at, effect, digest, pepper_id, organization_id FROM change_log
            """,
            "DROP TABLE change_log",
            "ALTER TABLE change_log_anew RENAME TO change_log",
        ],
    ]
}
