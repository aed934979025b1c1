/// Why a call with a key would be let through or refused.
public struct ExplanationResource: Resource {
    public struct Check: Resource {
        public let name: String
        public let passed: Bool
        /// The code that the call gets if this check decides.
        public let code: String
        public let detail: String
        /// True for the first check that fails, and for no other.
        public let decides: Bool

        public init(name: String, passed: Bool, code: String, detail: String, decides: Bool) {
            self.name = name
            self.passed = passed
            self.code = code
            self.detail = detail
            self.decides = decides
        }

        public var json: JSON {
            [
                "name": .string(name), "passed": .bool(passed), "code": .string(code), "detail": .string(detail),
                "decides": .bool(decides),
            ]
        }
    }

    /// The code that the call would get.
    public let code: String
    /// In the order in which a verification makes them.
    public let checks: [Check]

    public init(code: String, checks: [Check]) {
        self.code = code
        self.checks = checks
    }

    public var json: JSON {
        [
            "valid": .bool(code == "valid"), "code": .string(code),
            "decided_by": JSON(checks.first(where: \.decides)?.name), "checks": .array(checks.map(\.json)),
        ]
    }
}
