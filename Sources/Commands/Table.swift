import Foundation

/// How a command answers: aligned columns for people, JSON for programs.
public enum OutputFormat: String, Sendable, CaseIterable {
    case table
    case json
}

/// Rows under headings, printed in either format.
public struct Table: Sendable {
    private let headings: [String]
    private var rows: [[String]] = []

    public init(_ headings: [String]) { self.headings = headings }

    /// - Parameter cells: one for each heading.
    public mutating func append(_ cells: [String]) { rows.append(cells) }

    public func rendered(_ format: OutputFormat) throws -> String {
        switch format {
        case .table: aligned
        case .json: try json
        }
    }

    private var aligned: String {
        let lines = [headings.map { $0.uppercased() }] + rows
        let widths = headings.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        return lines.map { line in
            zip(line, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }.joined(separator: "  ")
                .trimmingSuffix(of: " ")
        }.joined(separator: "\n")
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

extension String {
    fileprivate func trimmingSuffix(of character: Character) -> String {
        var text = self
        while text.last == character { text.removeLast() }
        return text
    }
}
