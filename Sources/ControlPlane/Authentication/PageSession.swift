import KeybearerAdministration

extension Authenticator {
    /// The person whose session the browser's cookie carries; nil where nobody is signed in.
    func person(_ call: Call, _ site: Site) async throws -> Caller? {
        guard let token = site.sessionToken(call) else { return nil }
        do {
            let authentication = try await administration.authenticate(
                token, organization: nil, onBehalfOf: nil, address: call.address)
            guard case .caller(let caller) = authentication, case .person = caller.principal else { return nil }
            return caller
        } catch let failure as Failure where failure.code == .invalidToken {
            return nil
        }
    }
}

extension Site {
    /// What the session's cookie holds; nil without one, and where two would have to be chosen from.
    func sessionToken(_ call: Call) -> [UInt8]? {
        let prefix = "\(cookieName)="
        let values = call.fields["cookie"].flatMap { $0.split(separator: ";") }
            .map { $0.drop { $0 == " " } }.filter { $0.hasPrefix(prefix) }
        guard values.count == 1 else { return nil }
        return Array(values[0].utf8.dropFirst(prefix.utf8.count))
    }
}
