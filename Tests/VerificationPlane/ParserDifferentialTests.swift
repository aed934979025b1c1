import Foundation
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import KeybearerVerificationPlane

/// The parser beside SwiftNIO's (llhttp, strict): random requests, broken in random places, arriving in random pieces.
/// What both take they must read alike, and this one must take nothing that the other refuses or still waits for (A17).
///
/// Ten seconds of it, or as many inputs as `KEYBEARER_PARSER_INPUTS` says (`make nightly`: ten million).
@Suite struct ParserDifferentialTests {
    @Test func `A17 what is taken is taken alike by NIO's parser`() throws {
        let environment = ProcessInfo.processInfo.environment
        let wanted = environment["KEYBEARER_PARSER_INPUTS"].flatMap { Int($0) }
        let seed = environment["KEYBEARER_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0 ... .max)
        var random = RequestNoise(seed: seed)
        let end = ContinuousClock.now + .seconds(10)
        var (inputs, taken) = (0, 0)
        while wanted.map({ inputs < $0 }) ?? (ContinuousClock.now < end) {
            let pieces = random.pieces()
            let (own, other) = (Self.own(pieces), Self.nio(pieces))
            inputs += 1
            taken += own.count
            guard own.count <= other.count, zip(own, other).allSatisfy({ $0 == $1 }) else {
                let text = String(decoding: pieces.joined(), as: UTF8.self).debugDescription
                Issue.record("input \(inputs) of seed \(seed) in \(pieces.count) pieces: \(text)\n\(own)\n\(other)")
                return
            }
        }
        print("parser: \(inputs) inputs of seed \(seed), \(taken) requests taken by both")
        #expect(taken > inputs / 20, "nearly everything is refused, so this shows little")
    }

    /// A request as both parsers can tell it.
    struct Message: Equatable {
        var method: String
        var target: String
        var names: [String]
        var body: [UInt8]
    }

    private static func own(_ pieces: [[UInt8]]) -> [Message] {
        var parser = HTTPRequestParser()
        var (input, messages) = ([UInt8](), [Message]())
        for piece in pieces {
            input += piece
            var position = 0
            do {
                while let message = try message(&parser, input, &position) { messages.append(message) }
            } catch {
                return messages
            }
            input.removeFirst(position)
        }
        return messages
    }

    private static func message(
        _ parser: inout HTTPRequestParser, _ input: [UInt8], _ position: inout Int
    ) throws -> Message? {
        try input.withUnsafeBufferPointer { bytes in
            switch try parser.next(bytes, at: &position) {
            case .incomplete: nil
            case .inPlace(let head, let body): Message(head, body)
            case .gathered:
                try parser.gathered.head.withUnsafeBufferPointer {
                    Message(try RequestHead(parsing: $0), parser.gathered.body)
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
                        names: head.headers.map { "\($0.name): \($0.value)" }, body: [])
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

extension ParserDifferentialTests.Message {
    fileprivate init(_ head: borrowing RequestHead, _ body: some Sequence<UInt8>) {
        method = String(decoding: head.method, as: UTF8.self)
        target = String(decoding: head.path, as: UTF8.self)
        if let query = head.query { target += "?" + String(decoding: query, as: UTF8.self) }
        names = (0..<head.fieldCount).map { index in
            let field = head.fields[index]
            return String(decoding: head.bytes[field.name], as: UTF8.self) + ": "
                + String(decoding: head.bytes[field.value], as: UTF8.self)
        }
        self.body = Array(body)
    }
}
