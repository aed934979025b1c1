import Foundation
import KeybearerAPI
import KeybearerVerification
import Logging

/// One JSON line for each entry on standard error; what people wrote stays inside its string (A35).
struct LineLog: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info
    private let label: String
    private static let clock = WallClock.system()

    init(label: String) { self.label = label }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var line: JSONObject = [
            "at": .string(Self.clock.now().description), "level": .string(event.level.rawValue),
            "message": .string(event.message.description),
        ]
        for (key, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }).sorted(by: {
            $0.key < $1.key
        }) {
            line[key] = .string(value.description)
        }
        FileHandle.standardError.write(Data(JSON.object(line).serialized() + [0x0a]))
    }
}
