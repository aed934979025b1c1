import Foundation
import KeybearerAPI
import KeybearerClient

/// The device flow at a terminal (RFC 8628): shows where to go, and waits.
struct DeviceLogin {
    let client: Client
    let opensBrowser: Bool

    /// - Returns: the session's token.
    /// - Throws: `CommandFailure` where the login is denied or not answered in time.
    func run() async throws -> String {
        let started = try await client.startDeviceLogin()
        // Shown whatever --quiet says: without it nobody could sign in.
        Terminal.error("Open \(started.verificationURI.printable) and enter the code \(started.userCode.printable)")
        if opensBrowser { Browser.open(started.completeVerificationURI) }
        let clock = ContinuousClock()
        let end = clock.now.advanced(by: .seconds(started.expiresInSeconds))
        var interval = max(1, started.intervalSeconds)
        while clock.now < end {
            try await clock.sleep(for: .seconds(interval))
            switch await poll(started.deviceCode) {
            case .success(.signedIn(let token)): return token.accessToken
            case .success(.pending): continue
            case .success(.slowDown): interval += 5
            case .success(.denied): throw CommandFailure("the login was turned down", status: .forbidden)
            case .success(.expired): throw Self.expired
            // The network may come back; RFC 8628 asks for longer pauses then.
            case .failure(.unreachable), .failure(.timedOut): interval = min(60, interval * 2)
            case .failure(let error): throw error
            }
        }
        throw Self.expired
    }

    private func poll(_ code: String) async -> Result<DeviceLoginProgress, ClientError> {
        do throws(ClientError) {
            return .success(try await client.pollDeviceLogin(code))
        } catch {
            return .failure(error)
        }
    }

    private static let expired = CommandFailure(
        "the login was not answered in time; start again", status: .notAuthenticated)
}

/// The person's browser, where there is a screen to show it on.
private enum Browser {
    static func open(_ url: String) {
        let environment = ProcessInfo.processInfo.environment
        let isRemote = environment["SSH_CONNECTION"] != nil || environment["SSH_TTY"] != nil
        guard Terminal.isInteractive, !isRemote, url.hasPrefix("https://") || url.hasPrefix("http://") else { return }
        #if os(macOS)
            let program = "/usr/bin/open"
        #else
            let program = "/usr/bin/xdg-open"
            guard environment["DISPLAY"] != nil || environment["WAYLAND_DISPLAY"] != nil else { return }
        #endif
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = [url]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        // The address stands on the screen: without a browser here there is one elsewhere.
        do { try process.run() } catch { return }
    }
}
