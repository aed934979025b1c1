import Foundation
import HarborAPI

extension PlatformOptions {
    /// A list: the API's JSON for programs, else columns.
    func show<Value: Codable & Sendable, Row>(
        _ value: Value, rows: [Row], _ columns: [(String, @Sendable (Row) -> String?)]
    ) throws {
        guard !isForPrograms else { return try show(value) }
        say(try rendered(columns.map(\.0), rows.map { row in columns.map { $0.1(row) } }))
    }

    func show(_ value: some Encodable) throws { say(String(decoding: try Wire.encode(value), as: UTF8.self)) }
}
