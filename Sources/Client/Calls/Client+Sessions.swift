import KeybearerAPI

/// What a server says to a program that waits for its device login.
public enum DeviceLoginProgress: Sendable {
    case signedIn(DeviceTokenResource)
    case pending
    /// Wait 5 seconds longer between requests from now on.
    case slowDown
    case denied
    case expired
}

extension Client {
    /// How the command line names itself in the device flow.
    public static let deviceClientID = "keybearer-cli"

    public func signIn(email: String, password: String) async throws(ClientError) -> SignedInResource {
        try await resource(
            APICall("POST", ["v1", "sessions"], effect: .once).with(
                ["email": .string(email), "password": .string(password)]))
    }

    public func sessions(pageSize: Int = 100) -> Pages<SessionResource> { pages(["v1", "sessions"], size: pageSize) }

    /// - Parameter id: nil ends the session that asks.
    public func endSession(_ id: String? = nil) async throws(ClientError) {
        try await send(APICall("DELETE", ["v1", "sessions", id ?? "current"]))
    }

    /// Ends the person's other sessions too.
    public func changePassword(current: String, new: String) async throws(ClientError) {
        try await send(
            APICall("PUT", ["v1", "me", "password"], effect: .once).with(
                ["current": .string(current), "new": .string(new)]))
    }

    /// Starts a login without a browser (RFC 8628): show a person the address and the code, then `pollDeviceLogin`.
    public func startDeviceLogin() async throws(ClientError) -> DeviceAuthorizationResource {
        var call = APICall("POST", ["v1", "device", "authorization"], effect: .once)
        call.content = .form([("client_id", Self.deviceClientID)])
        return try await resource(call)
    }

    /// Asks once; call it again after `intervalSeconds`.
    ///
    /// - Throws: `refused` with `invalid_grant` for a code that is used up.
    public func pollDeviceLogin(_ deviceCode: String) async throws(ClientError) -> DeviceLoginProgress {
        var call = APICall("POST", ["v1", "device", "token"], effect: .once)
        call.content = .form([
            ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), ("client_id", Self.deviceClientID),
            ("device_code", deviceCode),
        ])
        do {
            return .signedIn(try await resource(call))
        } catch {
            switch error.code {
            case "authorization_pending": return .pending
            case "slow_down": return .slowDown
            case "access_denied": return .denied
            case "expired_token": return .expired
            default: throw error
            }
        }
    }
}
