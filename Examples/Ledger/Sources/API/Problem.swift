import Foundation
import Hummingbird

/// A refusal in the form of RFC 9457, the same that Keybearer's are in.
struct Problem: Error, HTTPResponseError {
    let status: HTTPResponse.Status
    let code: String
    let detail: String

    static let notFound = Problem(
        status: .notFound, code: "not_found", detail: "There is no such thing in this workspace.")

    init(status: HTTPResponse.Status, code: String, detail: String) {
        self.status = status
        self.code = code
        self.detail = detail
    }

    init(_ field: InvalidField) {
        self.init(status: .unprocessableContent, code: "invalid_\(field.name)", detail: field.detail)
    }

    func response(from request: Request, context: some RequestContext) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let data = try encoder.encode(
            Body(title: status.reasonPhrase, status: status.code, code: code, detail: detail))
        return Response(
            status: status, headers: [.contentType: "application/problem+json"],
            body: .init(byteBuffer: ByteBuffer(bytes: data)))
    }
    private struct Body: Encodable {
        let title: String
        let status: Int
        let code: String
        let detail: String
    }
}
