import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// Why a call of Harbor's was not carried out; answered as a problem (RFC 9457), as Keybearer's are.
struct HarborError: Error, Sendable {
    let status: HTTPResponse.Status
    let code: String
    let detail: String

    init(_ status: Int, _ code: String, _ detail: String) {
        self.status = HTTPResponse.Status(code: status)
        self.code = code
        self.detail = detail
    }

    static let notFound = HarborError(404, "not_found", "There is no such thing in this organization.")

    static func invalid(_ detail: String) -> HarborError { HarborError(422, "invalid_request", detail) }
}

extension HarborError: HTTPResponseError {
    private struct Body: Encodable {
        let type: String
        let title: String
        let status: Int
        let detail: String
        let code: String
        let requestID: String

        enum CodingKeys: String, CodingKey {
            case type, title, status, detail, code
            case requestID = "request_id"
        }
    }

    func response(from request: Request, context: some RequestContext) throws -> Response {
        let title = code.prefix(1).uppercased() + code.dropFirst().replacing("_", with: " ")
        let body = Body(
            type: "/problems/\(code)", title: title, status: status.code, detail: detail, code: code,
            requestID: context.id)
        return Response(
            status: status,
            headers: [.contentType: "application/problem+json", .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(bytes: try JSONEncoder().encode(body))))
    }
}
