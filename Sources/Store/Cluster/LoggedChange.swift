import Crypto
import KeybearerAdministration
import KeybearerCluster
import KeybearerVerification

/// A row of PostgreSQL's change log: what memory has to forget, and its link to the row before.
struct LoggedChange: KeybearerCluster.Change {
    let revision: Int64
    let link: [UInt8]
    /// nil where the change touches nothing that memory holds.
    let effect: CacheEffect?
    /// What the link is made of, beside the link before.
    private let text: String

    /// The columns that `init` reads, in its order.
    static let columnCount = 7

    /// - Parameter row: `seq`, `link`, `at`, `effect`, `digest`, `pepper_id` and `organization_id`, from a column on.
    init(_ row: SQLRow, from first: Int = 0) throws {
        revision = try row.integer(first)
        link = try row.blob(first + 1)
        let kind = try row.text(first + 3)
        let digest: [UInt8]? = row.values[first + 4] == .null ? nil : try row.blob(first + 4)
        let pepper = try row.optionalText(first + 5)
        let organization = try row.optionalText(first + 6)
        text = [
            "\(revision)", "\(try row.integer(first + 2))", kind, digest.map(Self.hexadecimal) ?? "-", pepper ?? "-",
            organization ?? "-",
        ].joined(separator: ",")
        switch kind {
        case "none": effect = nil
        case "key":
            guard let stored = StoredDigest(bytes: try row.blob(first + 4), pepperID: pepper) else {
                throw CorruptRow(column: first + 4)
            }
            effect = .key(stored)
        case "organization": effect = .organization(try row.id(first + 6))
        default: effect = .everything
        }
    }

    /// Recomputed here: a row that somebody changed in the database does not fit any more.
    func stands(behind previous: [UInt8]) -> Bool {
        var hash = SHA256()
        hash.update(data: previous)
        hash.update(data: Array(text.utf8))
        return Array(hash.finalize()) == link
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
}
