import KeybearerAdministration

/// One call that can be made: who may make it is the operation's rule, never the handler's business.
struct Route: Sendable {
    enum Method: String, Sendable, CaseIterable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"
    }

    /// What answers, by the permit that it cannot run without.
    enum Handler: Sendable {
        case open(@Sendable (Endpoints) -> @Sendable (Call, OpenPermit) async throws -> Reply)
        case caller(@Sendable (Endpoints) -> @Sendable (Call, Caller) async throws -> Reply)
        case personal(@Sendable (Endpoints) -> @Sendable (Call, PersonalPermit) async throws -> Reply)
        case organization(@Sendable (Endpoints) -> @Sendable (Call, OrganizationPermit) async throws -> Reply)
        case `operator`(@Sendable (Endpoints) -> @Sendable (Call, OperatorPermit) async throws -> Reply)
        // Pages: the caller comes from the session's cookie, and a form is checked before the policy is asked.
        case openPage(@Sendable (Console) -> (Visit, OpenPermit) async throws -> Reply)
        case personalPage(@Sendable (Console) -> (Visit, PersonalPermit) async throws -> Reply)
        case organizationPage(@Sendable (Console) -> (Visit, OrganizationPermit) async throws -> Reply)
    }

    let method: Method
    let path: RoutePath
    let operation: Operation
    let handler: Handler
    /// The query parameters that are known; every other one is refused.
    let query: [String]
    let surface: StandardFields.Surface

    init(
        _ method: Method, _ path: String, _ operation: Operation, _ handler: Handler, query: [String] = [],
        surface: StandardFields.Surface = .api
    ) {
        self.method = method
        self.path = RoutePath(path)
        self.operation = operation
        self.handler = handler
        self.query = query
        self.surface = surface
    }

    /// Whether a person in a browser is answered, by a page.
    var isPage: Bool {
        switch handler {
        case .openPage, .personalPage, .organizationPage: true
        case .open, .caller, .personal, .organization, .operator: false
        }
    }

    /// Whether the handler gets the permit that the operation's rule demands.
    var handlerFitsRule: Bool {
        switch (operation.rule, handler) {
        case (.anyone, .open), (.anyCredential, .caller), (.person, .personal), (.permission, .organization),
            (.keyManager, .organization), (.operator, .operator), (.anyone, .openPage), (.person, .personalPage),
            (.permission, .organizationPage), (.keyManager, .organizationPage):
            true
        default: false
        }
    }
}

/// A path with names in braces for the parts that vary.
struct RoutePath: Sendable, Hashable {
    enum Part: Sendable, Hashable {
        case literal(String)
        case parameter(String)
    }

    let text: String
    let parts: [Part]

    init(_ text: String) {
        self.text = text
        parts = text.split(separator: "/").map { part in
            part.hasPrefix("{") ? .parameter(String(part.dropFirst().dropLast())) : .literal(String(part))
        }
    }

    /// The varying parts by name; nil where the path is another one.
    func match(_ segments: [RequestTarget.Segment]) -> [String: String]? {
        guard segments.count == parts.count else { return nil }
        var parameters: [String: String] = [:]
        for (part, segment) in zip(parts, segments) {
            switch part {
            case .literal(let text): if text != segment.raw { return nil }
            case .parameter(let name):
                guard !segment.decoded.isEmpty else { return nil }
                parameters[name] = segment.decoded
            }
        }
        return parameters
    }

    var literalCount: Int {
        parts.count {
            if case .literal = $0 { return true }
            return false
        }
    }
}

/// What anybody may read: nothing in it depends on who asks.
struct Document: Sendable {
    let path: RoutePath
    let method: Route.Method
    let surface: StandardFields.Surface
    let render: @Sendable (Endpoints) -> @Sendable (Call) async throws -> Reply

    init(
        _ path: String, method: Route.Method = .get, surface: StandardFields.Surface = .api,
        _ render: @escaping @Sendable (Endpoints) -> @Sendable (Call) async throws -> Reply
    ) {
        self.path = RoutePath(path)
        self.method = method
        self.surface = surface
        self.render = render
    }
}
