import CLibpq

/// A `postgres://` URL as libpq reads it, with this product's defaults. It may hold a password and is not printed.
struct PostgreSQLAddress: Sendable {
    private(set) var parameters: [String: String]

    /// - Throws: `PostgreSQLError` `invalidURL`, without what may be a password.
    init(url: String) throws(PostgreSQLError) {
        guard url.hasPrefix("postgres://") || url.hasPrefix("postgresql://") else {
            throw .invalidURL("write postgres://USER@HOST/DATABASE")
        }
        var message: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(url, &message) else {
            PQfreemem(message)
            throw .invalidURL("libpq cannot read it: write postgres://USER@HOST/DATABASE?sslmode=verify-full")
        }
        defer { PQconninfoFree(options) }
        var parameters: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { parameters[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        self.parameters = parameters
        complete()
    }

    /// Where it leads, for log lines.
    var name: String { "\(parameters["host"] ?? "local socket")/\(parameters["dbname"] ?? "")" }

    /// Whether the server is reached without crossing a network.
    private var isLocal: Bool {
        let hosts = (parameters["host"] ?? parameters["hostaddr"] ?? "").split(separator: ",")
        return hosts.allSatisfy { $0.hasPrefix("/") || ["localhost", "127.0.0.1", "::1"].contains($0) }
    }

    private mutating func complete() {
        // libpq's own default goes on in plain text where the server offers no TLS, and never checks who answers.
        if parameters["sslmode"] == nil { parameters["sslmode"] = isLocal ? "prefer" : "verify-full" }
        if parameters["target_session_attrs"] == nil { parameters["target_session_attrs"] = "read-write" }
        if parameters["application_name"] == nil { parameters["application_name"] = "keybearer" }
        parameters["client_encoding"] = "UTF8"
        // The deadlines are kept by this side; these only let the kernel notice a dead peer on idle connections.
        for (name, value) in ["keepalives_idle": "5", "keepalives_interval": "2", "keepalives_count": "2"]
        where parameters[name] == nil {
            parameters[name] = value
        }
    }
}
