import KeybearerAPI
import KeybearerAdministration
import KeybearerVerification

/// RFC 8628: forms come in, and what is refused is an OAuth error rather than a problem.
extension Endpoints {
    func startDeviceLogin(_ call: Call, _ permit: OpenPermit) async throws -> Reply {
        do throws(OAuthRefusal) {
            let client = try OAuthForm(call).client()
            return try await startDeviceLogin(client, permit)
        } catch {
            return try error.reply()
        }
    }

    private func startDeviceLogin(_ client: DeviceClient, _ permit: OpenPermit) async throws(OAuthRefusal) -> Reply {
        let started: StartedDeviceLogin
        do {
            started = try await administration.startDeviceLogin(client, permit)
        } catch let failure as Failure where failure.code == .tooManyAttempts {
            throw .refused(
                "temporarily_unavailable", failure.detail, status: 429, retryAfter: failure.retryAfterSeconds)
        } catch {
            throw .failed(error)
        }
        let (userCode, uri, completeURI) = (
            started.userCode.description, started.verificationURL, started.completeVerificationURL
        )
        let (lifetime, interval) = (started.lifetimeSeconds, started.intervalSeconds)
        return .resource(
            DeviceAuthorizationResource(
                deviceCode: started.revealDeviceCode(), userCode: userCode, verificationURI: uri,
                completeVerificationURI: completeURI, expiresInSeconds: lifetime, intervalSeconds: interval))
    }

    func redeemDeviceCode(_ call: Call, _ permit: OpenPermit) async throws -> Reply {
        do throws(OAuthRefusal) {
            let form = try OAuthForm(call)
            let client = try form.client()
            guard try form.required("grant_type") == "urn:ietf:params:oauth:grant-type:device_code" else {
                throw .refused("unsupported_grant_type", "The only grant here is that of RFC 8628.")
            }
            return try await redeem(try form.required("device_code"), client, call.now, permit)
        } catch {
            return try error.reply()
        }
    }

    private func redeem(
        _ code: String, _ client: DeviceClient, _ now: Timestamp, _ permit: OpenPermit
    ) async throws(OAuthRefusal) -> Reply {
        let answer: DeviceLoginAnswer
        do {
            answer = try await administration.redeemDeviceCode(code, client: client, permit)
        } catch {
            throw .failed(error)
        }
        switch consume answer {
        case .signedIn(let signedIn):
            let lifetime = signedIn.session.expiresAt.seconds - now.seconds
            return .resource(DeviceTokenResource(accessToken: signedIn.revealToken(), expiresInSeconds: lifetime))
        case .refused(let refusal): throw .refused(refusal.rawValue, refusal.detail)
        }
    }
}

/// The parameters of an OAuth request: unknown ones are passed over, repeated ones refused (RFC 6749, section 3.2).
private struct OAuthForm {
    private let fields: QueryParameters

    init(_ call: Call) throws(OAuthRefusal) {
        let media = call.fields["content-type"].first?.lowercased().split(separator: ";").first
        guard call.fields["content-type"].count == 1, media == "application/x-www-form-urlencoded" else {
            throw .refused("invalid_request", "Send the parameters as application/x-www-form-urlencoded.")
        }
        do {
            fields = try QueryParameters(String(decoding: call.body, as: UTF8.self), allowed: nil)
        } catch {
            throw .refused("invalid_request", error.problem.detail)
        }
    }

    func required(_ name: String) throws(OAuthRefusal) -> String {
        guard let value = fields[name], !value.isEmpty else {
            throw .refused("invalid_request", "The parameter \(name) is missing.")
        }
        return value
    }

    func client() throws(OAuthRefusal) -> DeviceClient {
        guard let client = DeviceClient(rawValue: try required("client_id")) else {
            throw .refused("invalid_client", "No program is known under this client_id.")
        }
        return client
    }
}

/// What an OAuth client is told, or a failure that is none of its business.
private enum OAuthRefusal: Error {
    case refused(String, String, status: Int = 400, retryAfter: Int? = nil)
    case failed(any Error)

    func reply() throws -> Reply {
        switch self {
        case .refused(let code, let detail, let status, let retryAfter):
            .resource(
                OAuthErrorResource(error: code, errorDescription: detail), status: status,
                retryAfter.map { [("Retry-After", String($0))] } ?? [])
        case .failed(let error): throw error
        }
    }
}

extension DeviceLoginRefusal {
    fileprivate var detail: String {
        switch self {
        case .authorizationPending: "Nobody has answered yet; ask again after the interval."
        case .slowDown: "This was too early; wait 5 seconds longer between requests from now on."
        case .accessDenied: "The login was turned down."
        case .expiredToken: "The login was not answered in time; start again."
        case .invalidGrant: "No login waits under this device code."
        }
    }
}
