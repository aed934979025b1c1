/// A page of plain HTML: no script, no style, nothing from elsewhere.
struct HTMLPage: Sendable {
    let title: String
    /// Markup; every text in it went through `escaped`.
    let content: String

    func reply(_ status: Int = 200, _ fields: [(String, String)] = []) -> Reply {
        let html = """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>\(Self.escaped(title)) – Keybearer</title>
            </head>
            <body>
            <main>
            <h1>\(Self.escaped(title))</h1>
            \(content)
            </main>
            </body>
            </html>

            """
        return Reply(status, contentType: "text/html; charset=utf-8", body: Array(html.utf8), fields: fields)
    }

    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}

/// The fields of a sent HTML form, each at most once.
struct HTMLForm: Sendable {
    private let fields: QueryParameters

    /// - Throws: 415 for another content type, 422 for fields that the form does not have.
    init(_ call: Call, fields allowed: [String]) throws {
        let media = try call.fields.single("content-type") ?? ""
        let isForm = media.lowercased().split(separator: ";").first == "application/x-www-form-urlencoded"
        guard isForm || call.body.isEmpty else {
            throw Refusal(415, "unsupported_media_type", "Send the form as a browser does.")
        }
        fields = try QueryParameters(String(decoding: call.body, as: UTF8.self), allowed: allowed)
    }

    subscript(_ name: String) -> String { fields[name] ?? "" }
}
