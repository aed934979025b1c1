import Foundation

/// A browser without a screen: keeps cookies, reads forms, follows nothing by itself.
public final class Visitor {
    public struct Page: Sendable {
        public let status: Int
        public let fields: [(String, String)]
        public let html: String

        public func field(_ name: String) -> String? { fields.first { $0.0.lowercased() == name.lowercased() }?.1 }

        /// The value of the first input of that name.
        public func input(_ name: String) -> String? {
            guard let start = html.range(of: "name=\"\(name)\" value=\"") else { return nil }
            return html[start.upperBound...].split(separator: "\"", omittingEmptySubsequences: false).first.map(
                String.init)
        }
    }

    public let port: Int
    public let origin: String
    public private(set) var cookies: [String: String] = [:]

    public init(_ port: Int, origin: String = "http://localhost:8080") {
        self.port = port
        self.origin = origin
    }

    public func set(_ name: String, _ value: String?) { cookies[name] = value }

    public func get(_ path: String, _ fields: [String] = []) async throws -> Page {
        try await send("GET", path, fields, nil)
    }

    /// Fills in the form that the console shows to those who are not signed in.
    @discardableResult
    public func signIn(_ email: String, password: String, next: String = "") async throws -> Page {
        let page = try await get("/sign-in")
        return try await post(
            "/sign-in",
            [("csrf", page.input("csrf") ?? ""), ("email", email), ("password", password), ("next", next)])
    }

    /// Sends a form as its own page would.
    public func post(_ path: String, _ form: [(String, String)], _ fields: [String]? = nil) async throws -> Page {
        let body = form.map { "\(Self.encoded($0.0))=\(Self.encoded($0.1))" }.joined(separator: "&")
        return try await send("POST", path, fields ?? ["Origin: \(origin)", "Sec-Fetch-Site: same-origin"], body)
    }

    private func send(_ method: String, _ path: String, _ fields: [String], _ body: String?) async throws -> Page {
        var head = ["\(method) \(path) HTTP/1.1", "Host: localhost:8080", "Connection: close"] + fields
        if !cookies.isEmpty {
            head.append("Cookie: " + cookies.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: "; "))
        }
        if let body {
            head += ["Content-Type: application/x-www-form-urlencoded", "Content-Length: \(body.utf8.count)"]
        }
        let answer = try await RawHTTP.request(port: port, head.joined(separator: "\r\n"), body: body ?? "")
        let parts = answer.text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        let lines = parts[0].split(separator: "\r\n").dropFirst().map { line in
            let pair = line.split(separator: ":", maxSplits: 1)
            return (String(pair[0]), pair.count == 2 ? String(pair[1].drop { $0 == " " }) : "")
        }
        for (name, value) in lines where name.lowercased() == "set-cookie" {
            let pair = value.split(separator: ";")[0].split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let isGone = value.contains("Max-Age=0")
            cookies[String(pair[0])] = isGone ? nil : String(pair[1])
        }
        return Page(status: answer.status, fields: lines, html: parts.count == 2 ? String(parts[1]) : "")
    }

    private static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
                ? String(Unicode.Scalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }
}
