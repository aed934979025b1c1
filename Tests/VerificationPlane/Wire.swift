import Foundation
import NIOPosix
import Testing

/// One answer as it came over the wire.
struct Answer: Sendable {
    let status: Int
    /// Names in lower case.
    let fields: [(name: String, value: String)]
    let body: String

    func values(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }

    func value(_ name: String) -> String? { values(name).first }

    /// The members of a JSON body.
    var json: [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(body.utf8))) as? [String: Any] ?? [:]
    }

    var code: String? { json["code"] as? String }

    /// Every whole answer in the bytes, interim ones included; `bodiless` says which have none whatever they state.
    static func all(in bytes: [UInt8], bodiless: Bool = false) -> [Answer] {
        var answers: [Answer] = []
        var rest = bytes[...]
        while let end = rest.firstRange(of: Array("\r\n\r\n".utf8)) {
            let lines = String(decoding: rest[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
            let fields = lines.dropFirst().map { line in
                let parts = line.split(separator: ":", maxSplits: 1)
                return (
                    String(parts[0]).lowercased(), parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
                )
            }
            let status = Int(lines[0].split(separator: " ").dropFirst().first ?? "") ?? 0
            let stated = fields.first { $0.0 == "content-length" }.flatMap { Int($0.1) } ?? 0
            let length = bodiless ? 0 : stated
            guard rest.endIndex - end.upperBound >= length else { return answers }
            let body = rest[end.upperBound..<end.upperBound + length]
            answers.append(Answer(status: status, fields: fields, body: String(decoding: body, as: UTF8.self)))
            rest = rest[(end.upperBound + length)...]
        }
        return answers
    }
}

/// A plain socket, for bytes that no HTTP client would send.
final class Wire: Sendable {
    /// Nobody listens.
    struct Refused: Error {}

    private let descriptor: Int32

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Refused() }
        setTimeout()
    }

    init(path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8) + [0]) }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else { throw Refused() }
        setTimeout()
    }

    deinit { close(descriptor) }

    private func setTimeout() {
        var timeout = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    }

    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        Foundation.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    func endOutput() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Neither sends nor reads any more.
    func leave() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// Answers until there are so many, or to the end of the connection. Blocks on a thread of NIO's pool, since
    /// the server in this process needs Swift's own.
    func answers(_ count: Int = .max, bodiless: Bool = false) async throws -> [Answer] {
        try await NIOThreadPool.singleton.runIfActive { [self] in
            var received: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while Answer.all(in: received, bodiless: bodiless).count < count {
                let length = recv(descriptor, &buffer, buffer.count, 0)
                guard length > 0 else { break }
                received += buffer[..<length]
            }
            return Answer.all(in: received, bodiless: bodiless)
        }
    }
}
