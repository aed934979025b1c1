import KeybearerAdministration
import KeybearerConsole
import KeybearerVerification

/// What the form about a key holds, as it was sent or as the key stands.
struct KeyFormInput: Sendable {
    var name = ""
    /// Those of the matrix and the single instances together.
    var permissions: [String] = []
    var addresses: [String] = []
    /// `none`, a number of days, or `date`.
    var expiry = "none"
    /// `2027-01-31`.
    var date = ""
    var labels: [String] = []

    static let expiryDays = ["30", "90", "365"]

    init() {}

    init(_ form: PageForm) {
        name = form.line("name")
        var seen: Set<String> = []
        permissions = (form.all("permission") + form.lines("instances")).filter { seen.insert($0).inserted }
        addresses = form.lines("ips")
        expiry = form["expiry"].isEmpty ? "none" : form["expiry"]
        date = form.line("date")
        labels = form.lines("labels")
    }

    init(_ key: APIKey) {
        name = key.name
        permissions = key.permissions.map(\.description)
        addresses = key.allowedIPs.map(\.description)
        if let expiresAt = key.expiresAt {
            expiry = "date"
            date = String(expiresAt.description.prefix(10))
        }
        labels = key.labels.map { "\($0.key)=\($0.value)" }
    }

    /// The end of the chosen day, or of the one that lies so many days ahead; RFC 3339. A text that is no day is handed
    /// on, so that its refusal is the API's.
    func expiresAt(now: Timestamp) -> String? {
        switch expiry {
        case "none": return nil
        case "date": return "\(date)T23:59:59Z"
        default:
            guard Self.expiryDays.contains(expiry), let days = Int64(expiry) else { return expiry }
            return "\(now.adding(seconds: days * 86_400).description.prefix(10))T23:59:59Z"
        }
    }

    /// Pairs as the API takes them. A key that is there twice would lose one of its values, so it is reported.
    func labelPairs() throws -> [(String, String)] {
        var seen: Set<String> = []
        return try labels.map { line in
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, seen.insert(parts[0]).inserted else {
                let field = Failure.Field("/labels", .invalidLabel, "A label is key=value, each key once.")
                throw Failure(.invalidLabel, field.detail, fields: [field])
            }
            return (parts[0], parts[1])
        }
    }

    func draft(now: Timestamp) throws -> KeyDraft {
        KeyDraft(
            name: name, permissions: permissions, allowedIPs: addresses, expiresAt: expiresAt(now: now),
            labels: try labelPairs())
    }

    /// What makes two sendings of the form the same.
    var parts: [String] {
        [name, permissions.joined(separator: "\n"), addresses.joined(separator: "\n"), expiry, date]
            + labels
    }
}
