/// What callers of a listener that is reachable from elsewhere must show.
struct VerificationSecret: Sendable {
    /// Where besides `Keybearer-Verification-Secret` the secret may be.
    enum Carriers: Sendable { case ownFieldOnly, ownFieldOrBearer }

    private let secret: [UInt8]

    init(_ secret: [UInt8]) { self.secret = secret }

    func isShown(by head: borrowing RequestHead, in carriers: Carriers) -> Bool {
        switch (head.value("keybearer-verification-secret"), carriers) {
        case (.once(let value), _): matches(value)
        case (.repeated, _), (.absent, .ownFieldOnly): false
        case (.absent, .ownFieldOrBearer): isShownAsBearer(by: head)
        }
    }

    private func isShownAsBearer(by head: borrowing RequestHead) -> Bool {
        guard case .once(let value) = head.value("authorization") else { return false }
        let end = value.firstIndex(of: HTTPSyntax.space) ?? value.count
        guard HTTPSyntax.isEqualIgnoringCase(value.view(0..<end), "bearer") else { return false }
        let start = value[end...].firstIndex { $0 != HTTPSyntax.space } ?? value.count
        return matches(value.view(from: start))
    }

    /// Takes as long for every text of one length, wherever it first differs.
    private func matches(_ presented: ByteView) -> Bool {
        guard presented.count == secret.count else { return false }
        return zip(presented, secret).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
