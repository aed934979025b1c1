/// Gathers one request's body up to its limit, whichever way it is framed.
struct BodyCollector {
    private enum Step {
        case counted(Int)
        case size
        case data(Int)
        case endOfData
        case trailers
        case done
    }

    private(set) var body: [UInt8] = []
    private var step: Step
    private let limit: Int

    /// - Throws: `bodyTooLarge` where the head announces more than the limit.
    init(_ framing: RequestHead.Framing, limit: Int) throws(EdgeRefusal) {
        self.limit = limit
        switch framing {
        case .length(let length):
            guard length <= limit else { throw .bodyTooLarge }
            step = length == 0 ? .done : .counted(length)
        case .chunked: step = .size
        }
    }

    var isComplete: Bool {
        if case .done = step { return true }
        return false
    }

    /// Takes what belongs to the body from the front of `bytes` and leaves the rest.
    mutating func take(from bytes: inout ArraySlice<UInt8>) throws(EdgeRefusal) {
        while !isComplete {
            switch step {
            case .done: return
            case .counted(let missing):
                let part = bytes.prefix(missing)
                guard !part.isEmpty else { return }
                body += part
                bytes = bytes.dropFirst(part.count)
                step = part.count == missing ? .done : .counted(missing - part.count)
            case .data(let missing):
                let part = bytes.prefix(missing)
                guard !part.isEmpty else { return }
                body += part
                bytes = bytes.dropFirst(part.count)
                step = part.count == missing ? .endOfData : .data(missing - part.count)
            case .size:
                guard let line = try Self.line(&bytes, limit: 8) else { return }
                let size = try Self.size(line)
                guard body.count + size <= limit else { throw .bodyTooLarge }
                step = size == 0 ? .trailers : .data(size)
            case .endOfData:
                guard let line = try Self.line(&bytes, limit: 0) else { return }
                guard line.isEmpty else { throw .chunk }
                step = .size
            case .trailers:
                // Trailers carry nothing that is asked for here; the empty line is the only end that is taken.
                guard let line = try Self.line(&bytes, limit: 0) else { return }
                guard line.isEmpty else { throw .chunk }
                step = .done
            }
        }
    }

    /// One line without its end; nil until all of it is there.
    private static func line(_ bytes: inout ArraySlice<UInt8>, limit: Int) throws(EdgeRefusal) -> ArraySlice<UInt8>? {
        guard let end = bytes.prefix(limit + 2).firstIndex(of: UInt8(ascii: "\n")) else {
            guard bytes.count < limit + 2 else { throw .chunk }
            return nil
        }
        guard end > bytes.startIndex, bytes[end - 1] == UInt8(ascii: "\r") else { throw .chunk }
        let line = bytes[bytes.startIndex..<(end - 1)]
        bytes = bytes[(end + 1)...]
        return line
    }

    private static func size(_ line: ArraySlice<UInt8>) throws(EdgeRefusal) -> Int {
        guard !line.isEmpty,
            line.allSatisfy({ byte in
                (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
            }), let size = Int(String(decoding: line, as: UTF8.self), radix: 16)
        else { throw .chunk }
        return size
    }
}
