import AsyncHTTPClient
import Foundation
import HarborAPI
import Hummingbird
import NIOCore
import NIOHTTP1

/// Keys of an AI provider: stored encrypted, used for the organization, never shown.
struct AIKeyEndpoints: Sendable {
    let platform: Platform

    func add(to router: Router<HarborContext>) {
        let keys = platform.keybearer
        router.guarded(by: keys, "ai_key:read").get("v1/ai-key") { _, context in
            try answer(Items(data: try await platform.store.aiKeys(of: try context.tenant.organization)))
        }
        router.guarded(by: keys, "ai_key:create").post("v1/ai-key") { request, context in
            let new = try await request.harborBody(NewAIKey.self)
            try Names.check(new.name)
            guard (8...500).contains(new.key.utf8.count), new.key.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
                throw HarborError.invalid("A key has 8 to 500 visible characters.")
            }
            let id = Identifier.make("aik")
            try await platform.store.insertAIKey(
                id, name: new.name, secret: try platform.box.seal(new.key, for: id),
                of: try context.tenant.organization)
            return try answer(
                AIKey(id: id, name: new.name, uses: 0, createdAt: Moment.text(Moment.now())), status: .created)
        }
        router.guarded(by: keys, "ai_key/{id}:use").post("v1/ai-key/{id}/complete") { request, context in
            try await complete(request, context)
        }
        router.guarded(by: keys, "ai_key/{id}:delete").delete("v1/ai-key/{id}") { _, context in
            try await platform.store.deleteAIKey(
                try context.parameters.require("id"), of: try context.tenant.organization)
            return Response(status: .noContent)
        }
    }

    private func complete(_ request: Request, _ context: HarborContext) async throws -> Response {
        let prompt = try await request.harborBody(Prompt.self)
        guard let provider = platform.aiProvider else {
            throw HarborError(503, "no_provider", "No AI provider is configured here (--ai-provider).")
        }
        let id = try context.parameters.require("id")
        let sealed = try await platform.store.useAIKey(id, of: try context.tenant.organization)
        let key = try platform.box.open(sealed, for: id)
        var call = HTTPClientRequest(url: provider)
        call.method = .POST
        call.headers.add(name: "Authorization", value: "Bearer \(key)")
        call.headers.add(name: "Content-Type", value: "application/json")
        call.body = .bytes(ByteBuffer(bytes: try Wire.encode(prompt)))
        do {
            let answered = try await HTTPClient.shared.execute(call, timeout: .seconds(30))
            let text = String(buffer: try await answered.body.collect(upTo: 1 << 20))
            // A provider that repeats what it was sent must not make this the way to read the key.
            return try answer(
                Completion(status: Int(answered.status.code), text: text.replacing(key, with: "(hidden)")))
        } catch {
            throw HarborError(502, "provider_unreachable", "The AI provider did not answer.")
        }
    }
}
