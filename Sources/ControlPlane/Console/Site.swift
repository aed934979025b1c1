import KeybearerVerification

/// What pages need to know of where they are reached.
struct Site: Sendable {
    /// Without a trailing slash.
    let publicURL: String

    var isHTTPS: Bool { publicURL.lowercased().hasPrefix("https://") }

    /// Browsers keep a `__Host-` cookie only when it came over TLS; without TLS there is only this machine.
    var cookieName: String { isHTTPS ? "__Host-keybearer" : "keybearer" }

    func sessionCookie(_ token: String, maxAgeSeconds: Int64) -> String {
        let secure = isHTTPS ? "; Secure" : ""
        return "\(cookieName)=\(token); Path=/; Max-Age=\(maxAgeSeconds); HttpOnly; SameSite=Strict\(secure)"
    }

    /// A form may be sent only from a page of this site: browsers name the page's origin on every POST.
    ///
    /// - Throws: 403 `wrong_origin`.
    func mustBeOwnOrigin(_ call: Call) throws(Refusal) {
        let sites = call.fields["sec-fetch-site"]
        let origins = call.fields["origin"]
        // Without TLS there is only this machine, which has more than one name.
        let hosts = isHTTPS ? [] : call.fields["host"].map { "http://\($0)" }
        let isOwnOrigin = origins.isEmpty || origins == [publicURL] || origins == hosts
        guard isOwnOrigin, sites.isEmpty || sites == ["same-origin"] else {
            throw Refusal(403, "wrong_origin", "This form is sent from its own page only.")
        }
    }
}
