import Foundation
import HTTPTypes
import HarborAPI
import Hummingbird
import NIOCore

extension Request {
    /// The body as one of Harbor's types.
    func harborBody<Value: Decodable>(_ type: Value.Type = Value.self) async throws -> Value {
        let buffer = try await body.collect(upTo: 64 * 1024)
        do {
            return try Wire.decode(type, buffer.readableBytesView)
        } catch {
            throw HarborError.invalid("The body is not the JSON that this call takes.")
        }
    }

    /// `?page=1&limit=15`.
    func paging() throws -> (page: Int, limit: Int) {
        let page = try number("page", standard: 1, in: 1...1_000_000)
        return (page, try number("limit", standard: 15, in: 1...100))
    }

    func number(_ name: String, standard: Int, in range: ClosedRange<Int>) throws -> Int {
        guard let text = uri.queryParameters[Substring(name)] else { return standard }
        guard let value = Int(text), range.contains(value) else {
            throw HarborError.invalid("\(name) is a number from \(range.lowerBound) to \(range.upperBound).")
        }
        return value
    }

    func text(_ name: String) -> String? { uri.queryParameters[Substring(name)].map { String($0) } }
}

/// An answer in Harbor's JSON.
func answer(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
    Response(
        status: status, headers: [.contentType: "application/json", .cacheControl: "no-store"],
        body: .init(byteBuffer: ByteBuffer(bytes: try Wire.encode(value))))
}

enum Names {
    /// What people call their things.
    static func check(_ name: String) throws {
        let isPlain = name.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f }
        guard isPlain, (1...100).contains(name.unicodeScalars.count), name.first != " ", name.last != " " else {
            throw HarborError.invalid("A name has 1 to 100 characters.")
        }
    }
}
