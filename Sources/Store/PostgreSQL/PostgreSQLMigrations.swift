/// The same schema in PostgreSQL's types. Texts that lists are ordered by compare as bytes, as SQLite's do; each row of
/// the change log carries a digest over itself and the row before, so that a node notices a log that is not the one
/// it has followed. Forward only: a released step is never edited, a new one follows it.
enum PostgreSQLMigrations {
    static let latest = Int64(steps.count)

    static let steps: [[StaticString]] = [
        [
            """
            CREATE TABLE organization (
                id TEXT COLLATE "C" PRIMARY KEY NOT NULL CHECK (id LIKE 'org\\_%' ESCAPE '\\'),
                slug TEXT COLLATE "C" NOT NULL, name TEXT COLLATE "C" NOT NULL, plan TEXT NOT NULL,
                is_suspended SMALLINT NOT NULL CHECK (is_suspended IN (0, 1)),
                created_at BIGINT NOT NULL, deleted_at BIGINT
            )
            """,
            "CREATE UNIQUE INDEX organization_slug ON organization (slug) WHERE deleted_at IS NULL",
            """
            CREATE TABLE person (
                id TEXT COLLATE "C" PRIMARY KEY NOT NULL, email TEXT COLLATE "C" NOT NULL UNIQUE,
                name TEXT COLLATE "C" NOT NULL, password_hash TEXT,
                is_verified SMALLINT NOT NULL CHECK (is_verified IN (0, 1)),
                is_disabled SMALLINT NOT NULL CHECK (is_disabled IN (0, 1)), created_at BIGINT NOT NULL
            )
            """,
            """
            CREATE TABLE member (
                organization_id TEXT COLLATE "C" NOT NULL REFERENCES organization (id),
                user_id TEXT COLLATE "C" NOT NULL REFERENCES person (id),
                role TEXT COLLATE "C" NOT NULL, grants TEXT NOT NULL, joined_at BIGINT NOT NULL,
                PRIMARY KEY (organization_id, user_id)
            )
            """,
            "CREATE INDEX member_user ON member (user_id)",
            """
            CREATE TABLE role (
                organization_id TEXT COLLATE "C" NOT NULL REFERENCES organization (id),
                name TEXT COLLATE "C" NOT NULL, permissions TEXT NOT NULL, created_at BIGINT NOT NULL,
                PRIMARY KEY (organization_id, name)
            )
            """,
            """
            CREATE TABLE api_key (
                id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
                organization_id TEXT COLLATE "C" NOT NULL REFERENCES organization (id),
                name TEXT COLLATE "C" NOT NULL, digest BYTEA NOT NULL CHECK (length(digest) = 32), pepper_id TEXT,
                preview TEXT NOT NULL, permissions TEXT NOT NULL, allowed_ips TEXT NOT NULL,
                is_disabled SMALLINT NOT NULL CHECK (is_disabled IN (0, 1)), expires_at BIGINT,
                rate_requests BIGINT, rate_window_seconds BIGINT,
                creator_kind TEXT NOT NULL CHECK (creator_kind IN ('user', 'api_key', 'operator')),
                creator_id TEXT COLLATE "C" NOT NULL, creator_name TEXT NOT NULL, created_at BIGINT NOT NULL,
                revoked_at BIGINT, revoked_by TEXT, revoke_reason TEXT,
                rotated_from TEXT, successor TEXT, overlap_ends_at BIGINT,
                CHECK ((revoked_at IS NULL) = (revoked_by IS NULL)),
                CHECK ((rate_requests IS NULL) = (rate_window_seconds IS NULL)),
                UNIQUE (digest)
            )
            """,
            "CREATE INDEX api_key_organization ON api_key (organization_id, id)",
            "CREATE INDEX api_key_live ON api_key (organization_id, expires_at) WHERE revoked_at IS NULL",
            "CREATE INDEX api_key_creator ON api_key (organization_id, creator_id, id)",
            """
            CREATE TABLE api_key_label (
                key_id TEXT COLLATE "C" NOT NULL REFERENCES api_key (id), organization_id TEXT COLLATE "C" NOT NULL,
                name TEXT COLLATE "C" NOT NULL, value TEXT NOT NULL, PRIMARY KEY (key_id, name)
            )
            """,
            "CREATE INDEX api_key_label_value ON api_key_label (organization_id, name, value)",
            """
            CREATE TABLE key_last_use (
                key_id TEXT COLLATE "C" PRIMARY KEY NOT NULL, organization_id TEXT COLLATE "C" NOT NULL,
                at BIGINT NOT NULL, address TEXT
            )
            """,
            """
            CREATE TABLE usage_hourly (
                key_id TEXT COLLATE "C" NOT NULL, organization_id TEXT COLLATE "C" NOT NULL, hour BIGINT NOT NULL,
                verdict TEXT COLLATE "C" NOT NULL,
                count BIGINT NOT NULL, PRIMARY KEY (key_id, hour, verdict)
            )
            """,
            """
            CREATE TABLE permission_last_use (
                key_id TEXT COLLATE "C" NOT NULL, organization_id TEXT COLLATE "C" NOT NULL,
                permission TEXT COLLATE "C" NOT NULL, hour BIGINT NOT NULL,
                PRIMARY KEY (key_id, permission)
            )
            """,
            """
            CREATE TABLE key_denial (
                number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key_id TEXT COLLATE "C" NOT NULL,
                organization_id TEXT COLLATE "C" NOT NULL, at BIGINT NOT NULL,
                verdict TEXT COLLATE "C" NOT NULL, address TEXT, permission TEXT COLLATE "C"
            )
            """,
            "CREATE INDEX key_denial_key ON key_denial (key_id, number)",
            """
            CREATE TABLE session (
                id TEXT COLLATE "C" PRIMARY KEY NOT NULL, user_id TEXT COLLATE "C" NOT NULL REFERENCES person (id),
                kind TEXT NOT NULL CHECK (kind IN ('console', 'token')),
                token_digest BYTEA NOT NULL UNIQUE CHECK (length(token_digest) = 32),
                created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, last_seen_at BIGINT NOT NULL,
                address TEXT, organization_id TEXT COLLATE "C", via_operator TEXT
            )
            """,
            "CREATE INDEX session_of_user ON session (user_id, id)",
            """
            CREATE TABLE operator_token (
                id TEXT COLLATE "C" PRIMARY KEY NOT NULL, name TEXT COLLATE "C" NOT NULL,
                token_digest BYTEA NOT NULL UNIQUE CHECK (length(token_digest) = 32),
                is_read_only SMALLINT NOT NULL CHECK (is_read_only IN (0, 1)), allowed_ips TEXT NOT NULL,
                created_at BIGINT NOT NULL, expires_at BIGINT, revoked_at BIGINT
            )
            """,
            """
            CREATE TABLE invitation (
                id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
                organization_id TEXT COLLATE "C" NOT NULL REFERENCES organization (id),
                email TEXT COLLATE "C" NOT NULL, role TEXT COLLATE "C" NOT NULL,
                token_digest BYTEA NOT NULL UNIQUE CHECK (length(token_digest) = 32),
                invited_by TEXT NOT NULL, created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, accepted_at BIGINT
            )
            """,
            "CREATE INDEX invitation_organization ON invitation (organization_id, id)",
            """
            CREATE TABLE sign_in_link (
                token_digest BYTEA PRIMARY KEY NOT NULL CHECK (length(token_digest) = 32),
                user_id TEXT COLLATE "C" NOT NULL REFERENCES person (id),
                organization_id TEXT COLLATE "C" NOT NULL REFERENCES organization (id),
                via_operator TEXT NOT NULL, expires_at BIGINT NOT NULL, used_at BIGINT
            )
            """,
            """
            CREATE TABLE remembered_answer (
                claim BYTEA PRIMARY KEY NOT NULL CHECK (length(claim) = 32), body_digest BYTEA NOT NULL,
                status BIGINT NOT NULL, answer BYTEA NOT NULL, expires_at BIGINT NOT NULL
            )
            """,
            """
            CREATE TABLE audit_event (
                id TEXT COLLATE "C" PRIMARY KEY NOT NULL, chain TEXT COLLATE "C" NOT NULL,
                position BIGINT NOT NULL CHECK (position > 0),
                at BIGINT NOT NULL, actor TEXT NOT NULL, via TEXT, address TEXT, action TEXT NOT NULL, target TEXT,
                outcome TEXT NOT NULL, count BIGINT NOT NULL, details TEXT NOT NULL,
                previous BYTEA NOT NULL CHECK (length(previous) = 32), hash BYTEA NOT NULL CHECK (length(hash) = 32),
                UNIQUE (chain, position)
            )
            """,
            """
            CREATE FUNCTION audit_event_stays() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE EXCEPTION 'audit events are neither changed nor removed'; END $$
            """,
            """
            CREATE TRIGGER audit_event_stays BEFORE UPDATE OR DELETE ON audit_event
            FOR EACH ROW EXECUTE FUNCTION audit_event_stays()
            """,
            """
            CREATE TRIGGER audit_event_stays_whole BEFORE TRUNCATE ON audit_event
            FOR EACH STATEMENT EXECUTE FUNCTION audit_event_stays()
            """,
            """
            CREATE TABLE change_log (
                seq BIGINT PRIMARY KEY NOT NULL, at BIGINT NOT NULL,
                effect TEXT NOT NULL CHECK (effect IN ('none', 'key', 'organization', 'everything')),
                digest BYTEA, pepper_id TEXT, organization_id TEXT COLLATE "C",
                link BYTEA NOT NULL CHECK (length(link) = 32)
            )
            """,
            """
            CREATE TABLE cluster_node (
                id TEXT COLLATE "C" PRIMARY KEY NOT NULL, name TEXT NOT NULL,
                renewal BIGINT NOT NULL CHECK (renewal >= 0), acknowledged BIGINT NOT NULL,
                lease BIGINT NOT NULL CHECK (lease > 0), is_dead SMALLINT NOT NULL CHECK (is_dead IN (0, 1)),
                seen_at BIGINT NOT NULL
            )
            """,
        ],
        [
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
                device_code_digest BYTEA PRIMARY KEY NOT NULL CHECK (length(device_code_digest) = 32),
                user_code_digest BYTEA NOT NULL UNIQUE CHECK (length(user_code_digest) = 32),
                client TEXT NOT NULL, address TEXT, origin TEXT COLLATE "C" NOT NULL,
                created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL,
                state TEXT NOT NULL CHECK (state IN ('pending', 'approved', 'denied')),
                approved_by TEXT COLLATE "C" REFERENCES person (id),
                organization_id TEXT COLLATE "C" REFERENCES organization (id),
                via_operator TEXT, CHECK ((state = 'approved') = (approved_by IS NOT NULL))
            )
            """,
            "CREATE INDEX device_login_origin ON device_login (origin, expires_at)",
        ],
        [
            """
            CREATE TABLE audit_checkpoint (
                chain TEXT COLLATE "C" PRIMARY KEY NOT NULL, position BIGINT NOT NULL CHECK (position > 0),
                hash BYTEA NOT NULL CHECK (length(hash) = 32), at BIGINT NOT NULL,
                seal BYTEA NOT NULL CHECK (length(seal) = 32)
            )
            """,
            """
            CREATE TABLE store_move (
                one BIGINT PRIMARY KEY NOT NULL CHECK (one = 1),
                state TEXT NOT NULL CHECK (state IN ('arriving', 'arrived', 'left')), place TEXT NOT NULL,
                at BIGINT NOT NULL
            )
            """,
            """
            CREATE OR REPLACE FUNCTION audit_event_stays() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    IF TG_OP = 'DELETE' THEN
                        IF OLD.position <= (SELECT position FROM audit_checkpoint WHERE chain = OLD.chain) THEN
                            RETURN OLD;
                        END IF;
                    ELSIF TG_OP = 'TRUNCATE' THEN
                        IF EXISTS (SELECT 1 FROM store_move WHERE state = 'arriving') THEN RETURN NULL; END IF;
                    END IF;
                    RAISE EXCEPTION 'audit events are neither changed nor removed';
                END $$
            """,
            "CREATE INDEX audit_event_at ON audit_event (at)",
            "CREATE INDEX usage_hourly_hour ON usage_hourly (hour)",
            """
            CREATE TABLE cluster_configuration (
                one BIGINT PRIMARY KEY CHECK (one = 1), digest BYTEA NOT NULL CHECK (length(digest) = 32),
                at BIGINT NOT NULL
            )
            """,
            // Called under the log's lock, so that no change can be committed behind one that put another in force.
            """
            CREATE FUNCTION require_configuration(mine BYTEA) RETURNS void LANGUAGE plpgsql AS $$
                BEGIN
                    IF EXISTS (SELECT 1 FROM cluster_configuration WHERE digest <> mine) THEN
                        RAISE EXCEPTION 'another configuration is in force' USING ERRCODE = 'KB001';
                    END IF;
                END $$
            """,
            """
            CREATE TABLE cluster_grant (
                holder TEXT COLLATE "C" NOT NULL, window_end BIGINT NOT NULL,
                granted BIGINT NOT NULL CHECK (granted >= 0), portion BIGINT NOT NULL CHECK (portion >= 0),
                PRIMARY KEY (window_end, holder)
            )
            """,
        ],
        // The beginnings of api_key_list and api_key_quota, which serve whatever these did.
        ["DROP INDEX api_key_organization", "DROP INDEX api_key_live"],
        // Retention finds old events by their identifiers, which sort by time.
        ["DROP INDEX audit_event_at"],
    ]
}

extension PostgreSQLDatabase {
    /// One node at a time brings the schema up to date; the others wait and find it done.
    ///
    /// - Throws: `StoreError` `newerSchema`, or the driver's error.
    func migrate() async throws {
        let name = self.name
        try await write { connection in
            try connection.run("SELECT pg_advisory_xact_lock(7018141428551340657)", [])
            try connection.run(
                """
                CREATE TABLE IF NOT EXISTS schema_version (
                    one BIGINT PRIMARY KEY CHECK (one = 1), version BIGINT NOT NULL)
                """,
                [])
            let version = try connection.row("SELECT version FROM schema_version WHERE one = 1", [])?.integer(0) ?? 0
            guard version <= PostgreSQLMigrations.latest else {
                throw StoreError.newerSchema(path: name, version: version)
            }
            guard version < PostgreSQLMigrations.latest else { return }
            for step in PostgreSQLMigrations.steps.dropFirst(Int(version)) {
                for statement in step { try connection.run(statement, []) }
            }
            try connection.run(
                """
                INSERT INTO schema_version (one, version) VALUES (1, $1)
                ON CONFLICT (one) DO UPDATE SET version = excluded.version
                """, [.integer(PostgreSQLMigrations.latest)])
        }
    }
}
