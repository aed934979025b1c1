import Crypto

/// The digest of a text as a gateway would compute it.
public enum SHA256Hex {
    public static func of(_ text: String) -> String {
        SHA256.hash(data: Array(text.utf8)).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
