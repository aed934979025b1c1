/// Why a connection's bytes are not a request that this plane reads. Each ends the connection, since where the next
/// request would begin is no longer known.
package enum HTTPRefusal: Error, Equatable, Sendable {
    case malformed(Reason)
    /// More than 16 KiB or more than 64 fields.
    case headTooLarge
    /// More than 64 KiB.
    case bodyTooLarge
    case versionNotSupported
    case expectationFailed
    /// The head or the body did not arrive in time.
    case tooSlow

    package enum Reason: String, Sendable {
        case requestLine = "The request line is malformed."
        case target = "The request target must be a path of visible ASCII."
        case bareLineFeed = "Lines must end in CR LF."
        case fieldName = "A header field's name is malformed."
        case fieldValue = "A header field's value has a control character."
        case foldedField = "Header fields must not be folded."
        case host = "There must be exactly one Host field, of visible ASCII."
        case contentLength = "There must be at most one Content-Length, a plain decimal number."
        case transferEncoding = "The only transfer coding is chunked, once and without Content-Length."
        case chunk = "A chunk is malformed."
    }

    var status: Int {
        switch self {
        case .malformed: 400
        case .headTooLarge: 431
        case .bodyTooLarge: 413
        case .versionNotSupported: 505
        case .expectationFailed: 417
        case .tooSlow: 408
        }
    }

    var code: String {
        switch self {
        case .malformed: "malformed_request"
        case .headTooLarge: "header_fields_too_large"
        case .bodyTooLarge: "payload_too_large"
        case .versionNotSupported: "http_version_not_supported"
        case .expectationFailed: "expectation_failed"
        case .tooSlow: "request_timeout"
        }
    }

    var detail: String {
        switch self {
        case .malformed(let reason): reason.rawValue
        case .headTooLarge: "The request's head may have 16 KiB and 64 fields."
        case .bodyTooLarge: "The request's body may have 64 KiB."
        case .versionNotSupported: "This listener speaks HTTP/1.1 and HTTP/1.0."
        case .expectationFailed: "The only expectation that can be met is 100-continue."
        case .tooSlow: "The request did not arrive in time."
        }
    }
}
