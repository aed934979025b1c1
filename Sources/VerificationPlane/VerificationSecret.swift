/// What callers of a listener that is reachable from elsewhere must show.
struct VerificationSecret: Sendable {
    /// Where besides `Keybearer-Verification-Secret` the secret may be.
    enum Carriers: Sendable { case ownFieldOnly, ownFieldOrBearer }

    private let secret: [UInt8]

    init(_ secret: [UInt8]) { self.secret = secret }

    func isShown(by head: RequestHead, in carriers: Carriers) -> Bool {
        switch (head.value("keybearer-verification-secret"), carriers) {
        case (.once(let value), _): matches(value)
        case (.repeated, _), (.absent, .ownFieldOnly): false
        case (.absent, .ownFieldOrBearer): isShownAsBearer(by: head)
        }
    }

    private func isShownAsBearer(by head: RequestHead) -> Bool {
        guard case .once(let value) = head.value("authorization") else { return false }
        let scheme = value.prefix { $0 != HTTPSyntax.space }
        guard HTTPSyntax.isEqualIgnoringCase(scheme, "bearer") else { return false }
        return matches(value[scheme.endIndex...].drop { $0 == HTTPSyntax.space })
    }

    /// Takes as long for every text of one length, wherever it first differs.
    private func matches(_ presented: ArraySlice<UInt8>) -> Bool {
        guard presented.count == secret.count else { return false }
        return zip(presented, secret).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
