import KeybearerVerification

/// What a database says of a move, so that the same data is never served from two places, nor a half of it from one.
struct MoveMark: Sendable {
    enum State: String {
        /// A server that does not hold everything yet.
        case arriving
        case arrived
        /// A file whose data is served from a server now.
        case left
    }

    let state: State
    /// The other database's name.
    let place: String
    let at: Timestamp
}

extension Connection {
    func moveMark() throws -> MoveMark? {
        try row("SELECT state, place, at FROM store_move WHERE one = 1", []).map { row in
            MoveMark(
                state: try row.parsed(0) { MoveMark.State(rawValue: $0) }, place: try row.text(1), at: try row.time(2))
        }
    }

    func write(_ mark: MoveMark) throws {
        try run(
            """
            INSERT INTO store_move (one, state, place, at) VALUES (1, $1, $2, $3)
            ON CONFLICT (one) DO UPDATE SET state = excluded.state, place = excluded.place, at = excluded.at
            """, [.text(mark.state.rawValue), .text(mark.place), .time(mark.at)])
    }
}

extension Database {
    /// - Throws: `StoreError` where the data is on its way into this database, or has left it.
    func mustHoldItsData() async throws {
        guard let mark = try await read({ try $0.moveMark() }) else { return }
        switch mark.state {
        case .arrived: return
        case .arriving:
            throw StoreError.refused(
                """
                a move from \(mark.place) into this database has begun and not ended: run `keybearer migrate-store` \
                again with the configuration of \(mark.place)
                """)
        case .left:
            throw StoreError.refused(
                """
                this database was moved to \(mark.place) at \(mark.at): name that one in database.url; to serve this \
                file again although keys that were revoked since would work again, run \
                `keybearer migrate-store --undo --accept-resurrection`
                """)
        }
    }
}

extension SQLiteDatabase {
    /// Lets the file be served again that was moved.
    ///
    /// - Returns: where it had been moved to.
    /// - Throws: `StoreError` where it was not.
    public func undoMove() async throws -> String {
        try await write { connection in
            guard let mark = try connection.moveMark(), mark.state == .left else {
                throw StoreError.refused("this database was not moved: there is nothing to undo")
            }
            try connection.run("DELETE FROM store_move", [])
            return mark.place
        }
    }
}
