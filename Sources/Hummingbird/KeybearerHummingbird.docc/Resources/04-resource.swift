import Hummingbird
import KeybearerClient
import KeybearerHummingbird

guard let server = ServerAddress("http://127.0.0.1:8081") else { throw ClientError.invalidURL }
let verifier = RemoteVerifier(server)

let router = Router(context: BasicAPIKeyRequestContext.self)
router.group("projects/:id")
    .requireAPIKey(by: verifier) { _, context in
        "project/\(try context.parameters.require("id")):deploy"
    }
    .post("deployments") { _, context in
        let key = try context.requireAPIKeyIdentity()
        return "deployed for \(key.organization) by \(key.name)"
    }

try await Application(router: router).runService()
