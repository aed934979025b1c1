import Hummingbird
import KeybearerClient
import KeybearerHummingbird

guard let server = ServerAddress("http://127.0.0.1:8081") else { throw ClientError.invalidURL }
let verifier = RemoteVerifier(server)

let router = Router(context: BasicAPIKeyRequestContext.self)
router.group("deployments")
    .requireAPIKey("project:deploy", by: verifier)
    .post { _, _ in "deployed" }

try await Application(router: router).runService()
