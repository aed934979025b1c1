import KeybearerAPI
import KeybearerVerification

/// One verification as it was asked for, every value in its own type.
struct VerifyCall: Sendable {
    let credential: PresentedCredential
    let request: AccessRequest
    /// Whether the answer has to reflect everything that is committed now.
    let isStrict: Bool
    let minimumRevision: Int64?

    /// Whether memory may answer, as far as the caller is concerned.
    var mayComeFromMemory: Bool { !isStrict && minimumRevision == nil }

    /// nil where a value is wrong; then `errors` has every one that is.
    init?(
        _ body: VerifyBody, at pointer: String = "", catalogue: PermissionCatalogue, errors: inout [FieldError]
    ) {
        var found: [FieldError] = []
        func refuse(_ field: String, _ code: String, _ detail: String) {
            found.append(FieldError(pointer: pointer + "/" + field, code: code, detail: detail))
        }
        var credential = PresentedCredential.missing
        switch (body.key, body.keySHA256) {
        case (nil, nil): refuse("key", "required", "One of key and key_sha256 is required.")
        case (.some, .some): refuse("key_sha256", "ambiguous_credentials", "Send key or key_sha256, not both.")
        case (let key?, nil): credential = key.isEmpty ? .missing : .text(Array(key.utf8))
        case (nil, let hex?):
            if let digest = KeyDigest(hex: hex) {
                credential = .digest(digest)
            } else {
                refuse("key_sha256", "invalid_key_sha256", "This must be 64 hexadecimal digits.")
            }
        }
        let permission = body.permission.flatMap { Permission($0) }
        if body.permission != nil, permission.map(catalogue.isRequestable) != true {
            refuse("permission", "unknown_permission", "The permission is not in the catalogue.")
        }
        let address = body.ip.flatMap { IPAddress($0) }
        if body.ip != nil, address == nil {
            refuse("ip", "invalid_ip", "This must be one IPv4 or IPv6 address.")
        }
        let cost = Int(exactly: body.cost ?? 1) ?? -1
        if !AccessRequest.allowedCosts.contains(cost) { refuse("cost", "invalid_cost", "This must be 0 to 1000.") }
        if let consistency = body.consistency, !consistency.utf8.elementsEqual("strict".utf8) {
            refuse("consistency", "invalid_consistency", "The only value is strict.")
        }
        if let revision = body.minRevision, revision < 0 {
            refuse("min_revision", "invalid_min_revision", "This must not be negative.")
        }
        guard found.isEmpty else {
            errors += found
            return nil
        }
        self.credential = credential
        request = AccessRequest(permission: permission, address: address, cost: cost)
        isStrict = body.consistency != nil
        minimumRevision = body.minRevision
    }

    /// Whether the caller has only the digest: whoever can ask with one can ask with every digest of a stolen backup.
    var isByDigest: Bool {
        guard case .digest = credential else { return false }
        return true
    }
}

extension VerifyCall {
    /// One that has to wait after all.
    init(_ quick: TextCall) {
        credential = .text(Array(quick.text))
        request = quick.request
        isStrict = false
        minimumRevision = nil
    }
}
