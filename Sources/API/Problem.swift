/// An error's answer in the form of RFC 9457, `application/problem+json`.
public struct Problem: Sendable, Equatable {
    public static let contentType = "application/problem+json"

    public let status: Int
    /// Stable and meant for programs; the last part of the answer's `type`.
    public let code: String
    /// The same for every answer with this code.
    public let title: String
    /// A sentence on this occurrence. Never repeats a secret.
    public let detail: String
    public let errors: [FieldError]
    /// Members of the code's own, such as `quota`, written before `errors`.
    public let extensions: JSONObject

    public init(
        status: Int, code: String, detail: String, errors: [FieldError] = [], extensions: JSONObject = [:]
    ) {
        self.status = status
        self.code = code
        self.title = Self.title(of: code)
        self.detail = detail
        self.errors = errors
        self.extensions = extensions
    }

    /// The answer's members, with the identifier that `X-Request-Id` carries too.
    public func json(requestID: String) -> JSON {
        var object: JSONObject = [
            "type": .string("/problems/" + code),
            "title": .string(title),
            "status": .integer(Int64(status)),
            "detail": .string(detail),
            "code": .string(code),
            "request_id": .string(requestID),
        ]
        object.append(contentsOf: extensions)
        if !errors.isEmpty { object.append("errors", .array(errors.map(\.json))) }
        return .object(object)
    }

    /// A code's words as a title: `invalid_api_key` is "Invalid API key".
    static func title(of code: String) -> String {
        let words = code.split(separator: "_").enumerated().map { index, word in
            switch word {
            case "api", "cidr", "http", "ip", "json": word.uppercased()
            case "ips": "IPs"
            default: index == 0 ? word.prefix(1).uppercased() + word.dropFirst() : String(word)
            }
        }
        return words.joined(separator: " ")
    }
}

extension FieldError {
    var json: JSON {
        ["pointer": .string(pointer), "code": .string(code), "detail": .string(detail)]
    }
}
