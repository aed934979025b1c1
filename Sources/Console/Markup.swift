import Mustache

/// Text as HTML.
public enum Markup {
    /// Escapes scalar by scalar: a quotation mark with a combining accent behind it is one `Character`, and would slip
    /// through a comparison of characters.
    public static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// Escaped text in which `` `this` `` is code and `**this**` is strong.
    static func inline(_ text: String) -> String {
        let code = escaped(text).split(separator: "`", omittingEmptySubsequences: false)
        var result = ""
        for (index, part) in code.enumerated() {
            result += index % 2 == 1 ? "<code>\(part)</code>" : strong(String(part))
        }
        return result
    }

    private static func strong(_ text: String) -> String {
        var result = ""
        for (index, part) in text.split(separator: "**", omittingEmptySubsequences: false).enumerated() {
            result += index % 2 == 1 ? "<strong>\(part)</strong>" : String(part)
        }
        return result
    }

    /// The pragma and type by which every template escapes with `escaped` instead of the library's own function.
    static let contentTypeName = "KEYBEARER"

    struct ContentType: MustacheContentType {
        func escapeText(_ text: String) -> String { Markup.escaped(text) }
    }
}
