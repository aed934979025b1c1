import KeybearerVerification

/// The secret that programs show which ask for verdicts, kept as its digest.
struct VerificationSecret: Sendable {
    private let digest: KeyDigest

    init(_ secret: [UInt8]) { digest = KeyDigest(ofText: secret) }

    /// Digests are compared, so that the time taken tells nothing of the secret.
    ///
    /// - Throws: 401 `verification_secret_required`.
    func mustBeShown(in fields: FieldValues) throws(Refusal) {
        let shown = fields["keybearer-verification-secret"]
        guard shown.count == 1, KeyDigest(ofText: Array(shown[0].utf8)) == digest else {
            throw Refusal(
                401, "verification_secret_required",
                "Send the verification secret in the Keybearer-Verification-Secret header.")
        }
    }
}
