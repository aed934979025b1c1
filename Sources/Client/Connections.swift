import AsyncHTTPClient
import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The connections of all clients of this process. They idle for half a minute and hold nothing open beyond it.
enum Connections {
    static let shared = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)

    private static var configuration: HTTPClient.Configuration {
        // A redirect would carry the credential to a place that nobody chose.
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.connectionPool.idleTimeout = .seconds(30)
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
        // Whether and when a call is repeated is decided here, where its deadline and effect are known.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.timeout.connect = .seconds(10)
        return configuration
    }

    /// Whether the request certainly never left, and what to tell a person.
    static func failure(_ error: any Error) -> (outcome: RepetitionRule.Outcome, reason: String, isTimeout: Bool) {
        switch error {
        case let error as HTTPClientError:
            switch error {
            case .connectTimeout: return (.notSent, "the connection could not be opened in time", false)
            case .deadlineExceeded, .readTimeout: return (.broken, "no answer came in time", true)
            case .remoteConnectionClosed: return (.broken, "the connection was closed", false)
            default: return (.broken, error.shortDescription, false)
            }
        case let error as NIOConnectionError:
            let causes = error.connectionErrors.compactMap { $0.error as? IOError }
            return (.notSent, causes.first.map { words($0.errnoCode) } ?? "its name is not known", false)
        case let error as IOError:
            let refused = error.errnoCode == ECONNREFUSED || error.errnoCode == ENOENT
            return (refused ? .notSent : .broken, words(error.errnoCode), false)
        default: return (.broken, "\(type(of: error))", false)
        }
    }

    private static func words(_ code: CInt) -> String {
        guard let text = strerror(code) else { return "error \(code)" }
        return String(cString: text).lowercased()
    }
}
