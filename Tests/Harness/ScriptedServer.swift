import Foundation
import Synchronization

/// A listener that answers each request with the next of the given texts, for what a healthy server never sends:
/// overload, a proxy's page, silence. It keeps what it was sent.
public final class ScriptedServer: @unchecked Sendable {
    public let port: Int
    private let descriptor: Int32
    private let state: Mutex<(answers: [String], requests: [String])>

    /// - Parameter answers: whole HTTP answers; the last one stays. An empty one closes the connection.
    public init(_ answers: [String]) throws {
        port = try FreePort.find()
        state = Mutex((answers, []))
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var reuse: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard bound == 0, listen(descriptor, 16) == 0 else { throw HarnessError("cannot listen on \(port)") }
        let accepting = descriptor
        Thread.detachNewThread { [weak self] in
            while true {
                let connection = accept(accepting, nil, nil)
                guard connection >= 0, let self else { return }
                serve(connection)
            }
        }
    }

    deinit {
        shutdown(descriptor, Int32(SHUT_RDWR))
        close(descriptor)
    }

    /// Every request so far, head and body.
    public var requests: [String] { state.withLock { $0.requests } }

    private func serve(_ connection: Int32) {
        defer { close(connection) }
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while !Self.isWhole(received) {
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return }
            received += buffer[..<count]
        }
        let answer = state.withLock { state in
            state.requests.append(String(decoding: received, as: UTF8.self))
            return state.answers.count > 1 ? state.answers.removeFirst() : state.answers.first ?? ""
        }
        let bytes = Array(answer.utf8)
        send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    private static func isWhole(_ bytes: [UInt8]) -> Bool {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.range(of: "\r\n\r\n") else { return false }
        let length =
            text[..<end.lowerBound].lowercased().split(separator: "\r\n")
            .first { $0.hasPrefix("content-length:") }
            .flatMap { Int($0.dropFirst(15).filter { $0 != " " }) } ?? 0
        return text[end.upperBound...].utf8.count >= length
    }

    /// An answer with `Connection: close`.
    public static func answer(_ status: String, _ fields: [String] = [], _ body: String = "") -> String {
        (["HTTP/1.1 \(status)"] + fields + ["Content-Length: \(body.utf8.count)", "Connection: close", "", body])
            .joined(separator: "\r\n")
    }

    public static func problem(_ status: Int, _ code: String, _ fields: [String] = []) -> String {
        answer(
            "\(status) X", ["Content-Type: application/problem+json"] + fields,
            """
            {"type":"/problems/\(code)","title":"T","status":\(status),"detail":"A sentence.","code":"\(code)",\
            "request_id":"req_1"}
            """)
    }
}
