import KeybearerVerification

/// The one credential of a request, whichever header carried it, so that nothing after this point can treat the two
/// carriers differently (A41).
enum Credential {
    case missing
    /// Where it stands in the request.
    case text(ByteView)

    enum Refusal: Error {
        /// Two credentials: neither is picked (A14).
        case ambiguous
        /// A space, or a byte that is not visible ASCII: nothing is hashed that two programs could write differently
        /// (A15).
        case notVisibleASCII
    }

    /// - Throws: where `Authorization` or `x-api-key` is there twice, both are there with different values, or a
    ///   value has a comma, which is what proxies join repeated headers with.
    init(_ head: borrowing RequestHead) throws(Refusal) {
        let bearer = try Self.bearer(head)
        guard let key = try Self.single(head.value("x-api-key")) else {
            self = bearer ?? .missing
            return
        }
        guard let bearer else {
            self = try Self.visible(key)
            return
        }
        guard case .text(let token) = bearer, token.elementsEqual(key) else { throw .ambiguous }
        self = bearer
    }

    /// A copy that may wait for the store.
    var kept: PresentedCredential {
        switch self {
        case .missing: .missing
        case .text(let text): .text(Array(text))
        }
    }

    /// nil without the header. A scheme other than Bearer is no credential of ours, so `missing`.
    private static func bearer(_ head: borrowing RequestHead) throws(Refusal) -> Credential? {
        guard let value = try single(head.value("authorization")) else { return nil }
        let end = value.firstIndex(of: HTTPSyntax.space) ?? value.count
        guard HTTPSyntax.isEqualIgnoringCase(value.view(0..<end), "bearer") else { return .missing }
        let start = value[end...].firstIndex { $0 != HTTPSyntax.space } ?? value.count
        return start == value.count ? .missing : try visible(value.view(from: start))
    }

    private static func visible(_ value: ByteView) throws(Refusal) -> Credential {
        guard HTTPSyntax.areGraphic(value) else { throw .notVisibleASCII }
        return .text(value)
    }

    private static func single(_ field: FieldPresence) throws(Refusal) -> ByteView? {
        switch field {
        case .absent: return nil
        case .repeated: throw .ambiguous
        case .once(let value):
            let comma = value.firstIndex(
                from: 0, to: value.count, { $0.isEqual(UInt8(ascii: ",")) }, { $0 == UInt8(ascii: ",") })
            guard comma == value.count else { throw .ambiguous }
            return value
        }
    }
}

extension Verifier {
    func verifyInMemory(
        _ credential: Credential, _ request: AccessRequest, foreseen: ForeseenKey? = nil
    ) -> Decision? {
        switch credential {
        case .missing: verifyInMemory(PresentedCredential.missing, request)
        case .text(let text): verifyInMemory(text: text, request, foreseen: foreseen)
        }
    }
}
