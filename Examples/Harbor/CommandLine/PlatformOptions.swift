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
        _ method: String, _ path: [String], query: [(String, String?)] = [], body: (any Encodable & Sendable)? = nil
    ) async throws -> Value {
        let sent = try body.map { try JSON.parse(Array(Wire.encode($0))) }
        let answer = try await connection.client().call(method, ["v1"] + path, query: query, body: sent)
        return try Wire.decode(Value.self, answer.serialized())
    }

    func say(_ line: String) { Terminal.print(line) }

    func show(secret: String) throws { try Terminal.print(secret: secret) }

    func note(_ line: String) { Terminal.note(line) }

    func rendered(_ headings: [String], _ rows: [[String?]]) throws -> String {
        var table = Table(headings)
        for row in rows { table.append(row.map { .text($0) }) }
        return try table.rendered(.table)
    }

    /// Takes how far something has come, of 100.
    func progress(_ label: String) -> (Int) -> Void {
        let line = ProgressLine(label)
        return { line.update(done: Int64($0), of: 100) }
    }

    func failure(_ words: String) -> any Error { CommandFailure(words) }
}
