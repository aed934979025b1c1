import Hummingbird
import KeybearerClient
import KeybearerHummingbird

guard let server = ServerAddress("http://127.0.0.1:8081") else { throw ClientError.invalidURL }
let verifier = RemoteVerifier(server)
