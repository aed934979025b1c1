import KeybearerVerification

/// The one credential of a request, whichever header carried it, so that nothing after this point can treat the two
/// carriers differently (A41).
struct Credential: Sendable {
    let presented: PresentedCredential

    /// Two credentials: neither is picked (A14).
    struct Ambiguous: Error {}

    /// - Throws: where `Authorization` or `x-api-key` is there twice, both are there with different values, or a
    ///   value has a comma, which is what proxies join repeated headers with.
    init(_ head: RequestHead) throws(Ambiguous) {
        let bearer = try Self.bearer(head)
        guard let key = try Self.key(head) else {
            presented = bearer ?? .missing
            return
        }
        guard let bearer else {
            presented = .text(Array(key))
            return
        }
        guard case .text(let token) = bearer, token.elementsEqual(key) else { throw Ambiguous() }
        presented = bearer
    }

    /// nil without the header. A scheme other than Bearer is no credential of ours, so `missing`.
    private static func bearer(_ head: RequestHead) throws(Ambiguous) -> PresentedCredential? {
        guard let value = try single(head.value("authorization")) else { return nil }
        let scheme = value.prefix { $0 != HTTPSyntax.space }
        guard HTTPSyntax.isEqualIgnoringCase(scheme, "bearer") else { return .missing }
        let token = value[scheme.endIndex...].drop { $0 == HTTPSyntax.space }
        return token.isEmpty ? .missing : .text(Array(token))
    }

    private static func key(_ head: RequestHead) throws(Ambiguous) -> ArraySlice<UInt8>? {
        try single(head.value("x-api-key"))
    }

    private static func single(_ field: FieldPresence) throws(Ambiguous) -> ArraySlice<UInt8>? {
        switch field {
        case .absent: return nil
        case .repeated: throw Ambiguous()
        case .once(let value):
            guard !value.contains(UInt8(ascii: ",")) else { throw Ambiguous() }
            return value
        }
    }
}
