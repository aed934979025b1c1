import KeybearerVerificationPlane
import NIOCore
import NIOEmbedded
import NIOHTTP1

/// The parser beside SwiftNIO's (llhttp, strict): random requests, broken in random places, arriving in random pieces.
/// What both take they must read alike, and this one must take nothing that the other refuses or still waits for (A17).
package struct ParserDifferential {
    package let seed: UInt64
    package private(set) var inputs = 0
    /// Requests that both took and read alike.
    package private(set) var taken = 0
    /// What was found, each with what replays it.
    package private(set) var disagreements: [String] = []
    private var noise: RequestNoise

    package init(seed: UInt64) {
        self.seed = seed
        noise = RequestNoise(seed: seed)
    }

    /// Whether so much was taken that agreement shows something.
    package var isTelling: Bool { taken > inputs / 20 }

    package var summary: String {
        "parser: \(inputs) inputs of seed \(seed), \(taken) requests taken by both, \(disagreements.count) disagreements"
    }

    /// Shows both parsers one more input.
    package mutating func tryNext() {
        let pieces = noise.pieces()
        let (own, other) = (Self.own(pieces), Self.nio(pieces))
        inputs += 1
        guard own.count <= other.count, zip(own, other).allSatisfy({ $0 == $1 }) else {
            let text = String(decoding: pieces.joined(), as: UTF8.self).debugDescription
            disagreements.append(
                "input \(inputs) of seed \(seed) in \(pieces.count) pieces: \(text)\n\(own)\n\(other)")
            return
        }
        taken += own.count
    }

    /// A request as both parsers can tell it.
    fileprivate struct Message: Equatable {
        var method: String
        var target: String
        var names: [String]
        var body: [UInt8]
    }

    private static func own(_ pieces: [[UInt8]]) -> [Message] {
        var parser = HTTPRequestParser()
        let room = FieldRoom()
        var (input, messages) = ([UInt8](), [Message]())
        for piece in pieces {
            input += piece
            var position = 0
            do {
                while let (message, isLast) = try message(&parser, input, &position, room) {
                    // NIO's knows methods by name; what another name asks for is refused after parsing here.
                    guard RequestNoise.methods.contains(message.method) else { return messages }
                    messages.append(message)
                    // Whatever follows is not read: NIO's parser knows it, and here the connection does.
                    if isLast { return messages }
                }
            } catch {
                return messages
            }
            input.removeFirst(position)
        }
        return messages
    }

    private static func message(
        _ parser: inout HTTPRequestParser, _ input: [UInt8], _ position: inout Int, _ room: borrowing FieldRoom
    ) throws -> (Message, isLast: Bool)? {
        try input.withUnsafeBufferPointer { bytes in
            switch try parser.next(bytes, at: &position, fields: room) {
            case .incomplete: nil
            case .inPlace(let head, let body): (Message(head, body), !head.keepsAlive)
            case .gathered:
                try parser.gathered.head.withUnsafeBufferPointer {
                    let head = try RequestHead(parsing: $0, into: room)
                    return (Message(head, parser.gathered.body), !head.keepsAlive)
                }
            }
        }
    }

    private static func nio(_ pieces: [[UInt8]]) -> [Message] {
        let decoder = HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)
        let channel = EmbeddedChannel(handler: ByteToMessageHandler(decoder))
        defer { _ = try? channel.finish(acceptAlreadyClosed: true) }
        var messages: [Message] = []
        var current: Message?
        for piece in pieces {
            let isBroken = (try? channel.writeInbound(ByteBuffer(bytes: piece))) == nil
            while let part = try? channel.readInbound(as: HTTPServerRequestPart.self) {
                switch part {
                case .head(let head):
                    current = Message(
                        method: head.method.rawValue, target: head.uri,
                        names: head.headers.map { "\($0.name): \(trimmed($0.value))" }, body: [])
                case .body(let bytes): current?.body += Array(bytes.readableBytesView)
                case .end:
                    if let message = current { messages.append(message) }
                    current = nil
                }
            }
            if isBroken { break }
        }
        return messages
    }
}

/// NIO leaves the white space after a value to its reader; it is no part of the value (RFC 9110, section 5.5).
private func trimmed(_ value: String) -> Substring {
    value[..<(value.lastIndex { $0 != " " && $0 != "\t" }.map { value.index(after: $0) } ?? value.startIndex)]
}

extension ParserDifferential.Message {
    fileprivate init(_ head: borrowing RequestHead, _ body: some Sequence<UInt8>) {
        method = String(decoding: head.method, as: UTF8.self)
        target = String(decoding: head.path, as: UTF8.self)
        if let query = head.query { target += "?" + String(decoding: query, as: UTF8.self) }
        names = head.fields.map { field in
            String(decoding: head.bytes[field.name], as: UTF8.self) + ": "
                + String(decoding: head.bytes[field.value], as: UTF8.self)
        }
        self.body = Array(body)
    }
}
