import ArgumentParser
import Foundation
import KeybearerAPI

extension OutputFormat: ExpressibleByArgument {}

/// How a command prints what it found.
public struct OutputOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: "table or json.") public var output: OutputFormat = .table

    public init() {}
}

/// One column of a list for people.
struct Column<Element>: Sendable {
    let heading: String
    let cell: @Sendable (Element) -> Table.Cell

    init(_ heading: String, _ cell: @escaping @Sendable (Element) -> Table.Cell) {
        self.heading = heading
        self.cell = cell
    }

    init(_ heading: String, _ text: @escaping @Sendable (Element) -> String?) {
        self.init(heading) { Table.Cell.text(text($0)) }
    }
}

extension OutputFormat {
    /// A list: columns for people, the resources as the API has them for programs.
    func print<Element: Resource>(_ elements: [Element], _ columns: [Column<Element>]) throws {
        switch self {
        case .json: Terminal.print(JSON.array(elements.map(\.json)).line)
        case .table:
            var table = Table(columns.map(\.heading))
            for element in elements { table.append(columns.map { $0.cell(element) }) }
            Terminal.print(try table.rendered(.table))
        }
    }

    /// One thing: a line for each field, or the resource.
    func print(_ resource: some Resource, _ fields: [(name: String, value: String?)]) {
        switch self {
        case .json: Terminal.print(resource.json.line)
        case .table:
            let shown = fields.filter { $0.value?.isEmpty == false }
            let width = shown.map(\.name.count).max() ?? 0
            for field in shown {
                let name = field.name.padding(toLength: width, withPad: " ", startingAt: 0)
                Terminal.print("\(name)  \(field.value?.printable ?? "")")
            }
        }
    }
}

extension JSON {
    /// On one line, for programs.
    var line: String { String(decoding: serialized(), as: UTF8.self) }
}

extension String {
    /// Without control characters: names come from other people, and a terminal obeys what it is sent.
    var printable: String {
        String(String.UnicodeScalarView(unicodeScalars.filter { !$0.properties.isControl }))
    }
}

extension Unicode.Scalar.Properties {
    fileprivate var isControl: Bool { generalCategory == .control || generalCategory == .format }
}
