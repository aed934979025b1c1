import Hummingbird
import KeybearerClient
import KeybearerHummingbird

guard let server = ServerAddress("http://127.0.0.1:8081") else { fatalError("not an address") }
let verifier = RemoteVerifier(server)
