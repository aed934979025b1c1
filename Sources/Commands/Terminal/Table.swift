import Foundation

/// How a command answers: aligned columns for people, JSON for programs.
public enum OutputFormat: String, Sendable, CaseIterable {
    case table
    case json
}

/// Rows under headings, printed in either format.
public struct Table: Sendable {
    /// A value: words for people, JSON's own types for programs.
    public enum Cell: Sendable {
        /// nil is an empty column, `null` in JSON.
        case text(String?)
        /// `yes` or `no`, `true` or `false` in JSON.
        case flag(Bool)
        case list([String])
    }

    private let headings: [String]
    private var rows: [[Cell]] = []

    public init(_ headings: [String]) { self.headings = headings }

    /// - Parameter cells: one for each heading.
    public mutating func append(_ cells: [Cell]) { rows.append(cells) }

    /// - Throws: `EncodingError`, for JSON alone.
    public func rendered(_ format: OutputFormat) throws -> String {
        switch format {
        case .table: aligned
        case .json: try json
        }
    }

    private var aligned: String {
        let lines = [headings.map { $0.uppercased() }] + rows.map { $0.map(\.words) }
        let widths = headings.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        let rendered = lines.map { line in
            zip(line, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }.joined(separator: "  ")
                .withoutTrailingSpaces
        }
        guard Terminal.isColoured, let heading = rendered.first else { return rendered.joined(separator: "\n") }
        return (["\u{1b}[1m\(heading)\u{1b}[0m"] + rendered.dropFirst()).joined(separator: "\n")
    }

    private var json: String {
        get throws {
            let objects = rows.map { Dictionary(zip(headings, $0), uniquingKeysWith: { $1 }) }
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(objects), as: UTF8.self)
        }
    }
}

extension Table.Cell: Encodable {
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let text): try container.encode(text)
        case .flag(let flag): try container.encode(flag)
        case .list(let items): try container.encode(items)
        }
    }

    fileprivate var words: String {
        switch self {
        case .text(let text): (text ?? "").printable
        case .flag(let flag): flag ? "yes" : "no"
        case .list(let items): items.joined(separator: " ").printable
        }
    }
}

extension String {
    fileprivate var withoutTrailingSpaces: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
