/// Why a connection's bytes never became a request. Each ends the connection: what follows can no longer be told apart.
enum EdgeRefusal: Error, Hashable, CaseIterable {
    case requestLine, target, version, fieldName, fieldValue, foldedField, bareLineFeed, host, contentLength
    case transferCoding, bothFramings, chunk, tooManyFields, headTooLarge, bodyTooLarge, expectation, headTimeout
    case bodyTimeout

    var status: Int {
        switch self {
        case .requestLine, .target, .fieldName, .fieldValue, .foldedField, .bareLineFeed, .host, .contentLength,
            .transferCoding, .bothFramings, .chunk:
            400
        case .headTimeout, .bodyTimeout: 408
        case .bodyTooLarge: 413
        case .expectation: 417
        case .tooManyFields, .headTooLarge: 431
        case .version: 505
        }
    }

    var code: String {
        switch self {
        case .headTimeout, .bodyTimeout: "request_timeout"
        case .bodyTooLarge: "payload_too_large"
        case .expectation: "expectation_failed"
        case .tooManyFields, .headTooLarge: "header_fields_too_large"
        case .version: "http_version_not_supported"
        default: "malformed_request"
        }
    }

    var detail: String {
        switch self {
        case .requestLine: "The request line is not of the form METHOD TARGET HTTP/1.1."
        case .target: "The target is not an absolute path in plain, unambiguous spelling."
        case .version: "Speak HTTP/1.1."
        case .fieldName: "A header field's name holds characters that names may not have."
        case .fieldValue: "A header field's value holds control characters."
        case .foldedField: "Header fields may not continue on a second line."
        case .bareLineFeed: "Lines end with CR LF."
        case .host: "An HTTP/1.1 request names its host exactly once."
        case .contentLength: "Content-Length is one plain decimal number."
        case .transferCoding: "The only transfer coding that is understood is chunked, once."
        case .bothFramings: "A request has either Content-Length or Transfer-Encoding."
        case .chunk: "The chunked body is malformed."
        case .tooManyFields: "A request has at most 64 header fields."
        case .headTooLarge: "The request line and header fields are at most 16 KiB."
        case .bodyTooLarge: "A body is at most 64 KiB."
        case .expectation: "The only expectation that is understood is 100-continue."
        case .headTimeout: "The request's head did not arrive in time."
        case .bodyTimeout: "The request's body did not arrive in time."
        }
    }
}
