/// Calls over time as stacked bars in an SVG; the page carries the same numbers as a table.
public struct UsageChart: Sendable {
    /// How a kind of outcome is coloured.
    public enum Tone: String, Sendable, CaseIterable {
        case good, warn, bad, other
    }

    public struct Bar: Sendable {
        let label: String
        let parts: [(tone: Tone, count: Int64)]

        /// - Parameters:
        ///   - label: what stands below it; only some bars have room for theirs.
        ///   - parts: from the bottom up.
        public init(label: String, parts: [(tone: Tone, count: Int64)]) {
            self.label = label
            self.parts = parts
        }

        var total: Int64 { parts.reduce(0) { $0 + $1.count } }
    }

    private let bars: [Bar]
    private let description: String
    private let formats: Formats

    /// - Parameter description: the whole in one sentence, for whoever does not see it.
    public init(_ bars: [Bar], description: String, formats: Formats) {
        self.bars = bars
        self.description = description
        self.formats = formats
    }

    private static let width = 720
    private static let height = 190
    private static let left = 58
    private static let bottom = 24
    private static let top = 18

    /// Whole pixels and classes alone: a strict Content-Security-Policy lets no style attribute through.
    public var svg: String {
        let plot = Self.height - Self.bottom - Self.top
        let highest = max(1, bars.map(\.total).max() ?? 1)
        let ceiling = Self.rounded(highest)
        let step = Double(Self.width - Self.left) / Double(max(1, bars.count))
        var body = ""
        for level in [ceiling, ceiling / 2] where level > 0 {
            let y = Self.top + plot - Int(Double(plot) * Double(level) / Double(ceiling))
            body += "<line class=\"rule\" x1=\"\(Self.left)\" x2=\"\(Self.width)\" y1=\"\(y)\" y2=\"\(y)\"/>"
            body +=
                "<text x=\"\(Self.left - 6)\" y=\"\(y + 4)\" text-anchor=\"end\">\(Markup.escaped(formats.number(level)))</text>"
        }
        let every = max(1, (bars.count + 7) / 8)
        for (index, bar) in bars.enumerated() {
            let x = Double(Self.left) + Double(index) * step
            var y = Double(Self.top + plot)
            for part in bar.parts where part.count > 0 {
                let size = max(1, Double(plot) * Double(part.count) / Double(ceiling))
                y -= size
                body += "<rect class=\"tone-\(part.tone.rawValue)\" x=\"\(Self.tenths(x + step * 0.15))\" "
                body += "y=\"\(Self.tenths(y))\" width=\"\(Self.tenths(step * 0.7))\" height=\"\(Self.tenths(size))\"/>"
            }
            if index % every == 0 {
                let middle = Self.tenths(x + step / 2)
                let minor = index % (every * 2) == 0 ? "" : " class=\"minor\""
                body += "<text\(minor) x=\"\(middle)\" y=\"\(Self.height - 6)\" text-anchor=\"middle\">"
                body += "\(Markup.escaped(bar.label))</text>"
            }
        }
        let base = Self.top + plot
        body += "<line class=\"rule\" x1=\"\(Self.left)\" x2=\"\(Self.width)\" y1=\"\(base)\" y2=\"\(base)\"/>"
        return "<svg class=\"chart\" viewBox=\"0 0 \(Self.width) \(Self.height)\" role=\"img\" "
            + "aria-label=\"\(Markup.escaped(description))\">\(body)</svg>"
    }

    /// The next of 2, 4, 6, 8, 10, 20, 40 …: halves stay whole numbers.
    private static func rounded(_ value: Int64) -> Int64 {
        var scale: Int64 = 1
        while scale < .max / 100 {
            for factor: Int64 in [2, 4, 6, 8, 10] where scale * factor >= value { return scale * factor }
            scale *= 10
        }
        return value
    }

    private static func tenths(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}
