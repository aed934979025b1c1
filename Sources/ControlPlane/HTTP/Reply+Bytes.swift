import NIOHTTP1

extension Reply {
    /// The whole answer as it goes out (RFC 9112).
    ///
    /// - Parameters:
    ///   - isHead: the request was a HEAD, so that the body stays away and its length is told.
    ///   - closes: the connection ends behind it.
    func bytes(isHead: Bool, closes: Bool) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(1024 + body.count)
        output += "HTTP/1.1 \(status) \(HTTPResponseStatus(statusCode: status).reasonPhrase)\r\n".utf8
        for field in fields { Self.append(field.name, field.value, to: &output) }
        if let contentType { Self.append("Content-Type", contentType, to: &output) }
        if status != 204 { Self.append("Content-Length", String(body.count), to: &output) }
        if closes { Self.append("Connection", "close", to: &output) }
        output += "\r\n".utf8
        if !isHead { output += body }
        return output
    }

    /// Control characters become spaces, so that no value can end its line.
    private static func append(_ name: String, _ value: String, to output: inout [UInt8]) {
        output += name.utf8
        output += ": ".utf8
        let start = output.count
        output += value.utf8
        for index in start..<output.count where output[index] < 0x20 || output[index] == 0x7f { output[index] = 0x20 }
        output += "\r\n".utf8
    }
}
