import KeybearerAdministration
import KeybearerVerification

extension Connection {
    func applyToDeviceLogins(_ change: Change) throws {
        switch change {
        case .insertDeviceLogin(let login):
            try run(
                """
                INSERT INTO device_login (device_code_digest, user_code_digest, client, address, origin, created_at,
                    expires_at, state, approved_by, organization_id, via_operator)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
                """,
                [
                    .digest(login.deviceCodeDigest), .digest(login.userCodeDigest), .text(login.client.rawValue),
                    .text(login.address), .text(login.origin), .time(login.createdAt), .time(login.expiresAt),
                ] + login.stateColumns)
        case .updateDeviceLogin(let login):
            try run(
                """
                UPDATE device_login SET state = $2, approved_by = $3, organization_id = $4, via_operator = $5
                WHERE device_code_digest = $1
                """, [.digest(login.deviceCodeDigest)] + login.stateColumns)
        case .removeDeviceLogin(let digest):
            try run("DELETE FROM device_login WHERE device_code_digest = $1", [.digest(digest)])
        default: break
        }
    }
}

extension SQLRecords {
    func deviceLogin(withDeviceCode digest: KeyDigest) throws -> DeviceLogin? {
        try connection.row(
            """
            SELECT device_code_digest, user_code_digest, client, address, created_at, expires_at, state, approved_by,
                organization_id, via_operator
            FROM device_login WHERE device_code_digest = $1
            """, [.digest(digest)])?.deviceLogin()
    }

    func deviceLogin(withUserCode digest: KeyDigest) throws -> DeviceLogin? {
        try connection.row(
            """
            SELECT device_code_digest, user_code_digest, client, address, created_at, expires_at, state, approved_by,
                organization_id, via_operator
            FROM device_login WHERE user_code_digest = $1
            """, [.digest(digest)])?.deviceLogin()
    }

    func pendingDeviceLogins(from origin: String, now: Timestamp) throws -> Int {
        let row = try connection.row(
            "SELECT count(*) FROM device_login WHERE origin = $1 AND expires_at > $2 AND state = 'pending'",
            [.text(origin), .time(now)])
        return Int(try row?.integer(0) ?? 0)
    }
}

extension DeviceLogin {
    fileprivate var stateColumns: [SQLValue] {
        switch state {
        case .pending: [.text("pending"), .null, .null, .null]
        case .denied: [.text("denied"), .null, .null, .null]
        case .approved(let approval):
            [.text("approved"), .text(approval.user), .text(approval.organization), .text(approval.viaOperator)]
        }
    }
}

extension SQLRow {
    fileprivate func deviceLogin() throws -> DeviceLogin {
        DeviceLogin(
            deviceCodeDigest: try digest(0), userCodeDigest: try digest(1),
            client: try parsed(2) { DeviceClient(rawValue: $0) }, address: try optionalAddress(3),
            createdAt: try time(4), expiresAt: try time(5), state: try state())
    }

    private func state() throws -> DeviceLogin.State {
        switch try text(6) {
        case "pending": return .pending
        case "denied": return .denied
        case "approved":
            return .approved(
                DeviceLogin.Approval(
                    user: try id(7), organization: try optionalID(8), viaOperator: try optionalText(9)))
        default: throw CorruptRow(column: 6)
        }
    }
}
