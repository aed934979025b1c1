import Foundation

/// Sends bytes as they are over a connection of its own and reads until the server closes or falls silent: for
/// requests that no client library would send.
public enum RawHTTP {
    /// - Parameters:
    ///   - pieces: written one after the other with a short pause, so that they arrive apart.
    ///   - endsInput: whether the server is told then that nothing more will come.
    /// - Returns: everything that was received.
    public static func exchange(
        port: Int, _ pieces: [[UInt8]], pause: Duration = .milliseconds(5), patience: Int = 3, endsInput: Bool = false
    ) async throws -> [UInt8] {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw HarnessError("no socket") }
        defer { close(descriptor) }
        var timeout = timeval(tv_sec: patience, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw HarnessError("cannot connect to port \(port)") }
        for piece in pieces {
            guard send(descriptor, piece, piece.count, Int32(MSG_NOSIGNAL)) == piece.count else { break }
            if pieces.count > 1 { try await Task.sleep(for: pause) }
        }
        if endsInput { shutdown(descriptor, Int32(SHUT_WR)) }
        // Off Swift's own few threads: a server in this very process needs them to answer.
        return await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: receive(from: descriptor)) }
        }
    }

    private static func receive(from descriptor: Int32) -> [UInt8] {
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return received }
            received.append(contentsOf: buffer[..<count])
        }
    }

    /// One request with `Connection: close` where `head` does not say otherwise; status and whole text.
    public static func request(port: Int, _ head: String, body: String = "") async throws -> (status: Int, text: String)
    {
        let bytes = try await exchange(port: port, [Array((head + "\r\n\r\n" + body).utf8)])
        let text = String(decoding: bytes, as: UTF8.self)
        let status = text.split(separator: " ", maxSplits: 2).dropFirst().first.flatMap { Int($0) } ?? 0
        return (status, text)
    }
}
