import AsyncHTTPClient
import KeybearerAPI
import NIOCore
import NIOHTTP1

/// One listener of a running server.
public struct HTTPAddress: Sendable {
    public let port: Int

    public init(port: Int) { self.port = port }

    public func get(_ path: String, _ headers: [(String, String)] = []) async throws -> Reply {
        try await send("GET", path, headers)
    }

    /// Sends a request; a body goes out as JSON.
    public func send(_ method: String, _ path: String, _ headers: [(String, String)] = [], _ body: JSON? = nil)
        async throws -> Reply
    {
        try await send(method, path, headers, bytes: body?.serialized())
    }

    public func send(
        _ method: String, _ path: String, _ headers: [(String, String)], bytes: [UInt8]?, patience: Int64 = 60
    ) async throws -> Reply {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
        request.method = HTTPMethod(rawValue: method)
        request.headers = HTTPHeaders(headers)
        if let bytes {
            if !request.headers.contains(name: "content-type") {
                request.headers.add(name: "Content-Type", value: "application/json")
            }
            request.body = .bytes(ByteBuffer(bytes: bytes))
        }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(patience))
        let body = try await response.body.collect(upTo: 16 << 20)
        return Reply(
            status: Int(response.status.code), headers: response.headers.map { ($0.name, $0.value) },
            body: Array(body.readableBytesView))
    }
}

/// An answer.
public struct Reply: Sendable {
    public let status: Int
    public let headers: [(String, String)]
    public let body: [UInt8]

    public init(status: Int, headers: [(String, String)], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    public var text: String { String(decoding: body, as: UTF8.self) }

    /// `null` where the body is not JSON.
    public var json: JSON { (try? JSON.parse(body)) ?? .null }

    /// The problem's or the decision's code.
    public var code: String? { json["code"]?.text }

    public func header(_ name: String) -> String? {
        headers.first { $0.0.lowercased() == name.lowercased() }?.1
    }
}

extension JSON {
    /// A member by its path, `null` where there is none: `reply.json.at("api_key", "id")`.
    public func at(_ path: String...) -> JSON {
        path.reduce(self) { $0[$1] ?? .null }
    }

    public var items: [JSON] { elements ?? [] }

    /// The names of an object's members, sorted.
    public var names: [String] { objectValue?.members.map(\.key).sorted() ?? [] }
}
