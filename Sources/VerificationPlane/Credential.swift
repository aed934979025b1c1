import KeybearerVerification

/// The one credential of a request, whichever header carried it, so that nothing after this point can treat the two
/// carriers differently (A41).
struct Credential: Sendable {
    let presented: PresentedCredential

    enum Refusal: Error {
        /// Two credentials: neither is picked (A14).
        case ambiguous
        /// A space, or a byte that is not visible ASCII: nothing is hashed that two programs could write differently
        /// (A15).
        case notVisibleASCII
    }

    /// - Throws: where `Authorization` or `x-api-key` is there twice, both are there with different values, or a
    ///   value has a comma, which is what proxies join repeated headers with.
    init(_ head: RequestHead) throws(Refusal) {
        let bearer = try Self.bearer(head)
        guard let key = try Self.key(head) else {
            presented = bearer ?? .missing
            return
        }
        guard let bearer else {
            presented = try Self.text(key)
            return
        }
        guard case .text(let token) = bearer, token.elementsEqual(key) else { throw .ambiguous }
        presented = bearer
    }

    /// nil without the header. A scheme other than Bearer is no credential of ours, so `missing`.
    private static func bearer(_ head: RequestHead) throws(Refusal) -> PresentedCredential? {
        guard let value = try single(head.value("authorization")) else { return nil }
        let scheme = value.prefix { $0 != HTTPSyntax.space }
        guard HTTPSyntax.isEqualIgnoringCase(scheme, "bearer") else { return .missing }
        let token = value[scheme.endIndex...].drop { $0 == HTTPSyntax.space }
        return token.isEmpty ? .missing : try text(token)
    }

    private static func text(_ value: ArraySlice<UInt8>) throws(Refusal) -> PresentedCredential {
        guard value.allSatisfy(HTTPSyntax.isGraphic) else { throw .notVisibleASCII }
        return .text(Array(value))
    }

    private static func key(_ head: RequestHead) throws(Refusal) -> ArraySlice<UInt8>? {
        try single(head.value("x-api-key"))
    }

    private static func single(_ field: FieldPresence) throws(Refusal) -> ArraySlice<UInt8>? {
        switch field {
        case .absent: return nil
        case .repeated: throw .ambiguous
        case .once(let value):
            guard !value.contains(UInt8(ascii: ",")) else { throw .ambiguous }
            return value
        }
    }
}
