import Foundation
import KeybearerAPI

/// A server with organizations and people, made the way an operator's backend makes them.
public struct Team: Sendable {
    public let server: RunningServer
    public let operatorToken: String

    public init(_ server: RunningServer) throws {
        self.server = server
        operatorToken = try server.operatorToken("--name", "backend")
    }

    /// Makes or changes an organization.
    @discardableResult
    public func organization(_ slug: String, plan: String = "enterprise", suspended: Bool? = nil) async throws -> JSON {
        var body: JSONObject = ["name": .string("The \(slug) company"), "plan": .string(plan)]
        if let suspended { body["suspended"] = .bool(suspended) }
        let reply = try await server.control.send(
            "PUT", "/v1/operator/organizations/\(slug)", [("Authorization", "Bearer \(operatorToken)")],
            .object(body))
        try reply.mustSucceed()
        return reply.json
    }

    /// Makes a member; the account is made with them.
    @discardableResult
    public func member(_ email: String, of slug: String, role: String, name: String = "Test Person") async throws
        -> JSON
    {
        let reply = try await server.control.send(
            "PUT", "/v1/operator/organizations/\(slug)/members/\(email)",
            [("Authorization", "Bearer \(operatorToken)")],
            ["role": .string(role), "name": .string(name)])
        try reply.mustSucceed()
        return reply.json
    }

    /// The headers by which the operator acts as a member.
    public func acting(as email: String, in slug: String) -> [(String, String)] {
        [
            ("Authorization", "Bearer \(operatorToken)"), ("Keybearer-Organization", slug),
            ("Keybearer-On-Behalf-Of", email),
        ]
    }

    /// Sets a password by the local command and signs in.
    public func session(_ email: String, password: String = "a long enough pass phrase") async throws -> String {
        let outcome = try server.command("user", "set-password", email, "--password-stdin", input: password + "\n")
        guard outcome.status == 0 else { throw HarnessError(outcome.errors) }
        let reply = try await server.control.send(
            "POST", "/v1/sessions", [], ["email": .string(email), "password": .string(password)])
        try reply.mustSucceed()
        guard let token = reply.json.at("token").text else { throw HarnessError("no token") }
        return token
    }

    /// Creates a key as a member; the whole answer.
    public func key(
        _ name: String, as email: String, in slug: String, permissions: [String] = ["project:read"],
        allowedIPs: [String] = [], _ more: JSONObject = [:]
    ) async throws -> JSON {
        var body: JSONObject = [
            "name": .string(name), "permissions": JSON(permissions), "allowed_ips": JSON(allowedIPs),
        ]
        for member in more.members { body[member.key] = member.value }
        let reply = try await server.control.send("POST", "/v1/api-keys", acting(as: email, in: slug), .object(body))
        try reply.mustSucceed()
        return reply.json
    }

    /// Asks the verification plane.
    public func verify(_ key: String, permission: String? = nil, ip: String? = nil) async throws -> JSON {
        var body: JSONObject = ["key": .string(key)]
        if let permission { body["permission"] = .string(permission) }
        if let ip { body["ip"] = .string(ip) }
        return try await server.verification.send("POST", "/v1/verify", [], .object(body)).json
    }
}

extension Reply {
    /// - Throws: where the status is not 2xx.
    public func mustSucceed() throws {
        guard (200..<300).contains(status) else { throw HarnessError("\(status): \(text)") }
    }
}
