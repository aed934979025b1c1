import GRDB

/// Whom a workspace sends invoices to.
struct Customer: Sendable {
    let id: String
    let name: String
    let email: String?
    let createdAt: Int64

    init(_ row: Row) {
        id = row["id"]
        name = row["name"]
        email = row["email"]
        createdAt = row["created_at"]
    }
}

/// A customer as somebody typed it; only a checked one exists.
struct CustomerDraft: Sendable {
    let name: String
    let email: String?

    init(name: String, email: String?) throws(InvalidField) {
        self.name = try Field.line(name, "name")
        guard let email, !email.isEmpty else {
            self.email = nil
            return
        }
        let parts = email.split(separator: "@", omittingEmptySubsequences: false)
        guard email.utf8.count <= 254, email.allSatisfy({ $0.isASCII && !$0.isWhitespace }), parts.count == 2,
            parts.allSatisfy({ !$0.isEmpty })
        else { throw InvalidField(name: "email", detail: "An e-mail address such as accounts@example.com.") }
        self.email = email
    }
}

/// Which field is at fault, and what it takes.
struct InvalidField: Error, Sendable {
    let name: String
    let detail: String
}

enum Field {
    /// One visible line of at most 200 scalars.
    static func line(_ text: String, _ name: String) throws(InvalidField) -> String {
        let scalars = text.unicodeScalars
        let isPlain = scalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: false
            default: true
            }
        }
        guard isPlain, (1...200).contains(scalars.count), scalars.contains(where: { !$0.properties.isWhitespace })
        else { throw InvalidField(name: name, detail: "1 to 200 visible characters on one line.") }
        return text
    }
}
