/// What a client shows the server: an API key, a person's session token or an operator token. It prints as nothing.
public struct Credential: Sendable, Hashable {
    let text: String

    /// - Parameter text: exactly as it was issued; line ends around it are not part of it.
    public init?(_ text: String) {
        let isVisible = text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
        guard !text.isEmpty, text.utf8.count <= 4096, isVisible else { return nil }
        self.text = text
    }
}

extension Credential: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "Credential(hidden)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
