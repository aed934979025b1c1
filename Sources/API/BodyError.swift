/// What is wrong with one part of a request.
public struct FieldError: Sendable, Hashable {
    /// RFC 6901, such as `/allowed_ips/0`; empty for the body as a whole.
    public let pointer: String
    public let code: String
    /// A sentence for a person. Never repeats what was sent.
    public let detail: String

    public init(pointer: String, code: String, detail: String) {
        self.pointer = pointer
        self.code = code
        self.detail = detail
    }

    /// `pointer` extended by a member's name or an index, escaped as RFC 6901 demands.
    public static func pointer(_ pointer: String, _ token: String) -> String {
        var result = pointer + "/"
        for scalar in token.unicodeScalars {
            switch scalar {
            case "~": result += "~0"
            case "/": result += "~1"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

/// A body that does not have its endpoint's form. What its values mean is judged elsewhere.
public struct BodyError: Error, Sendable, Equatable {
    /// 400 for what is not JSON, 422 for JSON of another form.
    public let status: Int
    /// `malformed_json`, `unknown_field`, `invalid_type` or `required`.
    public let code: String
    public let detail: String
    /// Empty for `malformed_json`, which has a place in the text but none in a value.
    public let errors: [FieldError]

    public init(_ malformed: MalformedJSON) {
        status = 400
        code = "malformed_json"
        detail = "The body is not acceptable JSON at byte \(malformed.offset): \(malformed.reason.rawValue)."
        errors = []
    }

    /// The first error's code and detail stand for all of them.
    init(first: FieldError, rest: [FieldError] = []) {
        status = 422
        code = first.code
        detail = first.detail
        errors = [first] + rest
    }

    static func invalidType(at pointer: String, expected: String, found: JSON) -> BodyError {
        let place = pointer.isEmpty ? "The body" : "This field"
        let detail = "\(place) must be \(expected), not \(found.kind)."
        return BodyError(first: FieldError(pointer: pointer, code: "invalid_type", detail: detail))
    }

    public var problem: Problem {
        Problem(status: status, code: code, detail: detail, errors: errors)
    }
}
