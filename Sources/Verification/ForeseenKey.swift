import CVerification

/// A key that was seen in bytes that are about to be read as requests, and whose digest is known for that. It says
/// nothing about a request: it spares whoever comes to the same place of the same bytes the hash of it.
public struct ForeseenKey: @unchecked Sendable {
    // Sound, because the address is only compared, never read.
    private let start: UnsafePointer<UInt8>
    private let count: Int
    let digest: KeyDigest

    init(_ text: UnsafeBufferPointer<UInt8>, start: UnsafePointer<UInt8>, digest: KeyDigest) {
        self.start = start
        count = text.count
        self.digest = digest
    }

    /// Whether it is the text at this place.
    func stands(at text: UnsafeBufferPointer<UInt8>) -> Bool { text.baseAddress == start && text.count == count }
}

extension KeyFormat {
    /// The first text in the bytes that begins like a key, where it is one.
    func foresee(in bytes: UnsafeBufferPointer<UInt8>) -> ForeseenKey? {
        guard let base = bytes.baseAddress else { return nil }
        let begin = keybearer_find(base, bytes.count, lead, lead.count)
        guard begin + textLength <= bytes.count else { return nil }
        let text = UnsafeBufferPointer(rebasing: bytes[begin..<begin + textLength])
        return digest(of: text).map { ForeseenKey(text, start: base + begin, digest: $0) }
    }
}

extension Verifier {
    /// Looks ahead into requests that have arrived together: what deciding about their keys needs is brought near to
    /// the processor at the same time, so that it is waited for once and not by each.
    ///
    /// - Parameter arrived: each one request's bytes, or whatever somebody sends. They stay where they are until the
    ///   requests have been decided.
    /// - Returns: the key of each.
    public func foresee(_ arrived: [UnsafeBufferPointer<UInt8>]) -> [ForeseenKey?] {
        let keys = arrived.map(format.foresee)
        prefetch(keys) { $0?.digest }
        return keys
    }

    /// Brings what deciding about them needs near to the processor, where one digest says where that stands.
    func prefetch<Element>(_ calls: [Element], _ digest: (Element) -> KeyDigest?) {
        guard peppers.hasOneForm else { return }
        var digests: [StoredDigest] = []
        digests.reserveCapacity(calls.count)
        for call in calls { if let digest = digest(call) { digests.append(peppers.seal(digest)) } }
        cache.prefetch(digests)
    }
}
