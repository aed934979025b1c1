import Foundation
import HTTPTypes
import HarborAPI
import Hummingbird
import NIOCore

/// Databases: managed with a key of Keybearer's, used with the credential of their own.
struct DatabaseEndpoints: Sendable {
    let platform: Platform

    func add(to router: Router<HarborContext>) {
        let keys = platform.keybearer
        router.guarded(by: keys, "database:read").get("v1/database") { _, context in
            let rows = try await platform.store.databases(
                of: try context.tenant.organization, url: platform.databaseURL)
            return try answer(Items(data: rows))
        }
        router.guarded(by: keys, "database:create").post("v1/database") { request, context in
            let new = try await request.harborBody(NewName.self)
            try Names.check(new.name)
            let credential = Token.make("hdb_")
            let id = try await platform.store.insertDatabase(
                new.name, of: try context.tenant.organization, digest: Token.digest(credential))
            return try await shown(id, credential, context, .created)
        }
        router.guarded(by: keys, "database/{id}:rotate").post("v1/database/{id}/rotate") { _, context in
            let id = try context.parameters.require("id")
            let credential = Token.make("hdb_")
            try await platform.store.rotateDatabase(
                id, of: try context.tenant.organization, digest: Token.digest(credential))
            return try await shown(id, credential, context, .ok)
        }
        router.guarded(by: keys, "database/{id}:delete").delete("v1/database/{id}") { _, context in
            try await platform.store.deleteDatabase(
                try context.parameters.require("id"), of: try context.tenant.organization)
            return Response(status: .noContent)
        }
        router.get("data/{id}/{key}") { request, context in
            let (id, key) = try await entry(request, context)
            guard let value = try await platform.store.entry(key, in: id) else { throw HarborError.notFound }
            return Response(
                status: .ok, headers: [.contentType: "application/octet-stream", .cacheControl: "no-store"],
                body: .init(byteBuffer: ByteBuffer(bytes: value)))
        }
        router.put("data/{id}/{key}") { request, context in
            let (id, key) = try await entry(request, context)
            let body = try await request.body.collect(upTo: 64 * 1024)
            try await platform.store.putEntry(key, Data(body.readableBytesView), in: id)
            return Response(status: .noContent)
        }
        router.delete("data/{id}/{key}") { request, context in
            let (id, key) = try await entry(request, context)
            try await platform.store.removeEntry(key, in: id)
            return Response(status: .noContent)
        }
    }

    private func shown(
        _ id: String, _ credential: String, _ context: HarborContext, _ status: HTTPResponse.Status
    ) async throws -> Response {
        let database = try await platform.store.database(
            id, of: try context.tenant.organization, url: platform.databaseURL)
        return try answer(DatabaseCredential(database: database, credential: credential), status: status)
    }

    /// The database and key of a call whose Basic credential (RFC 7617) is the database's.
    private func entry(_ request: Request, _ context: HarborContext) async throws -> (String, String) {
        let id = try context.parameters.require("id")
        let key = try context.parameters.require("key")
        let refusal = HarborError(401, "invalid_credential", "Send the database's credential as Basic's password.")
        guard let field = request.headers[.authorization], field.hasPrefix("Basic "),
            let bytes = Data(base64Encoded: String(field.dropFirst(6))),
            let colon = bytes.firstIndex(of: UInt8(ascii: ":"))
        else { throw refusal }
        let shown = String(decoding: bytes[(colon + 1)...], as: UTF8.self)
        guard let digest = try await platform.store.credentialDigest(ofDatabase: id),
            Token.isSame(digest, Token.digest(shown))
        else { throw refusal }
        return (id, key)
    }
}
