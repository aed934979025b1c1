/// Requests to a project's site in one hour.
public struct MetricPoint: Codable, Sendable {
    public let hour: String
    public let requests: Int64
    /// Answers of 400 and more.
    public let errors: Int64
    public let bytes: Int64

    public init(hour: String, requests: Int64, errors: Int64, bytes: Int64) {
        self.hour = hour
        self.requests = requests
        self.errors = errors
        self.bytes = bytes
    }
}

public struct Metrics: Codable, Sendable {
    public let project: String
    public let requests: Int64
    public let errors: Int64
    public let bytes: Int64
    /// Oldest first; hours without a request are left out.
    public let hours: [MetricPoint]

    public init(project: String, hours: [MetricPoint]) {
        self.project = project
        self.hours = hours
        requests = hours.reduce(0) { $0 + $1.requests }
        errors = hours.reduce(0) { $0 + $1.errors }
        bytes = hours.reduce(0) { $0 + $1.bytes }
    }
}

/// A month of an organization, counted by what happened.
public struct Bill: Codable, Sendable {
    public struct Line: Codable, Sendable {
        public let item: String
        public let quantity: Int64
        public let unit: String
        /// A thousandth of a cent.
        public let priceMillicents: Int64
        public let millicents: Int64

        public init(item: String, quantity: Int64, unit: String, priceMillicents: Int64) {
            self.item = item
            self.quantity = quantity
            self.unit = unit
            self.priceMillicents = priceMillicents
            millicents = quantity * priceMillicents
        }
    }

    /// `2026-11`, in UTC.
    public let month: String
    public let lines: [Line]
    public let totalCents: Int64

    public init(month: String, lines: [Line]) {
        self.month = month
        self.lines = lines
        totalCents = lines.reduce(0) { $0 + $1.millicents } / 1000
    }
}
