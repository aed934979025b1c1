import Crypto
import Foundation

/// Seals what Harbor has to be able to use again: AES-256-GCM under a key in a file of its own, bound to the row's name
/// so that no sealed value can be put into another's place.
struct SecretBox: Sendable {
    private let key: SymmetricKey

    struct Unusable: Error, CustomStringConvertible {
        let description: String
    }

    /// - Parameter file: made, readable by its owner alone, where there is none.
    init(file: URL) throws {
        if !FileManager.default.fileExists(atPath: file.path) {
            let bytes = SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) }
            let isMade = FileManager.default.createFile(
                atPath: file.path, contents: bytes, attributes: [.posixPermissions: 0o600])
            guard isMade else { throw Unusable(description: "\(file.path) cannot be written") }
        }
        let bytes = try Data(contentsOf: file)
        guard bytes.count == 32 else { throw Unusable(description: "\(file.path) does not hold a key of 32 bytes") }
        key = SymmetricKey(data: bytes)
    }

    func seal(_ secret: String, for name: String) throws -> Data {
        let box = try AES.GCM.seal(Data(secret.utf8), using: key, authenticating: Data(name.utf8))
        guard let combined = box.combined else { throw Unusable(description: "nothing was sealed") }
        return combined
    }

    func open(_ sealed: Data, for name: String) throws -> String {
        let bytes = try AES.GCM.open(AES.GCM.SealedBox(combined: sealed), using: key, authenticating: Data(name.utf8))
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Credentials that are made here and kept as a digest alone.
enum Token {
    static func make(_ prefix: String) -> String {
        prefix + SymmetricKey(size: .bits256).withUnsafeBytes { $0.map { hex($0) }.joined() }
    }

    static func digest(_ text: String) -> Data { Data(SHA256.hash(data: Data(text.utf8))) }

    /// In constant time: both are digests of the same length.
    static func isSame(_ left: Data, _ right: Data) -> Bool {
        left.count == right.count && zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    static func hex(_ byte: UInt8) -> String { String(byte >> 4, radix: 16) + String(byte & 15, radix: 16) }
}

/// The signature of GitHub's webhooks: `X-Hub-Signature-256: sha256=HEX` over the body's bytes.
enum PushSignature {
    static func isValid(_ field: String, body: Data, secret: String) -> Bool {
        guard field.hasPrefix("sha256="), field.utf8.count == 71 else { return false }
        let code = HMAC<SHA256>.authenticationCode(for: body, using: SymmetricKey(data: Data(secret.utf8)))
        let expected = code.map { Token.hex($0) }.joined()
        return Token.isSame(Data(expected.utf8), Data(field.dropFirst(7).utf8))
    }
}
