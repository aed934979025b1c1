import KeybearerAPI
import KeybearerVerification

/// A key that stands where none should. The key itself is nowhere in it.
struct Finding: Sendable, Hashable {
    /// Relative to the current folder, of `--git` and `--staged` to the top of the repository; nil for an object that no
    /// commit reaches.
    var path: String?
    /// From 1; nil in the message of a commit.
    var line: Int?
    /// In UTF-16 code units, from 1.
    var column: Int?
    /// Of the commit that brought it.
    var commit: String?
    /// Git's name of the file's contents.
    var object: String?
    /// `sk`, `kbs`, …
    let prefix: String
    let preview: String
    let sha256: String
    /// What the server says with `--check`.
    var status: String?

    init(path: String?, object: String? = nil, line: Int?, column: Int?, key: [UInt8], prefix: String) {
        self.path = path
        self.object = object
        self.line = line
        self.column = column
        self.prefix = prefix
        preview = KeyPreview.of(String(decoding: key, as: UTF8.self))
        sha256 = KeyDigest(ofText: key).hex
    }

    var kind: String {
        switch prefix {
        case KeyFormat.session.prefix: "session token"
        case KeyFormat.operatorToken.prefix: "operator token"
        default: "API key"
        }
    }

    /// `config/deploy.yml:3:12`, as editors understand it.
    var place: String {
        let file = path?.printable ?? object.map { "object \($0)" } ?? "?"
        let position = line.map { ":\($0):\(column ?? 1)" } ?? ""
        return file + position + (commit.map { " in commit \($0.prefix(12))" } ?? "")
    }
}

extension Finding: Resource {
    var json: JSON {
        .object(
            JSONObject([
                ("path", JSON(path)), ("line", JSON(line)), ("column", JSON(column)), ("commit", JSON(commit)),
                ("object", JSON(object)), ("kind", .string(kind)), ("preview", .string(preview)),
                ("key_sha256", .string(sha256)), ("status", JSON(status)),
            ]))
    }
}
