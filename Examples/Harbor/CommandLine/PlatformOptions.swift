import ArgumentParser
import HarborAPI
import KeybearerAPI
import KeybearerClient
import KeybearerCommands

/// What every command of Harbor's own takes: who asks and where, as for Keybearer's commands, and how to print.
struct PlatformOptions: ParsableArguments {
    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    /// Whether a program reads what is printed.
    var isForPrograms: Bool { output.output == .json }

    func call<Value: Decodable & Sendable>(
        _ method: String, _ path: [String], query: [(String, String?)] = [], body: (any Encodable & Sendable)? = nil,
        as type: Value.Type = Value.self
    ) async throws -> Value {
        let json = try await answer(method, path, query: query, body: body)
        return try Wire.decode(type, json.serialized())
    }

    private func answer(
        _ method: String, _ path: [String], query: [(String, String?)], body: (any Encodable & Sendable)?
    ) async throws -> JSON {
        let sent = try body.map { try JSON.parse(Array(Wire.encode($0))) }
        return try await connection.client().call(method, ["v1"] + path, query: query, body: sent)
    }

    /// A list: the API's JSON for programs, else columns.
    func show<Value: Codable & Sendable, Row>(
        _ value: Value, rows: [Row], _ columns: [(String, @Sendable (Row) -> String?)]
    ) throws {
        guard !isForPrograms else { return try show(value) }
        var table = Table(columns.map(\.0))
        for row in rows { table.append(columns.map { .text($0.1(row)) }) }
        say(try table.rendered(.table))
    }

    func show(_ value: some Encodable) throws { say(String(decoding: try Wire.encode(value), as: UTF8.self)) }

    func say(_ line: String) { Terminal.print(line) }

    func show(secret: String) throws { try Terminal.print(secret: secret) }

    func note(_ line: String) { Terminal.note(line) }

    /// Takes how far something has come, of 100.
    func progress(_ label: String) -> (Int) -> Void {
        let line = ProgressLine(label)
        return { line.update(done: Int64($0), of: 100) }
    }

    func failure(_ words: String) -> any Error { CommandFailure(words) }
}
