import KeybearerAdministration

/// The routes of one listener, checked against the operations before anything listens.
struct RouteTable: Sendable {
    let routes: [Route]
    let documents: [Document]
    // Apart, since most are looked at for every request and a whole route is many words.
    private let routePaths: [RoutePath]
    private let documentPaths: [RoutePath]

    init(routes: [Route], documents: [Document]) {
        self.routes = routes
        self.documents = documents
        routePaths = routes.map(\.path)
        documentPaths = documents.map(\.path)
    }

    /// What a method and a path lead to.
    enum Match: Sendable {
        case route(Route, [String: String])
        case document(Document, [String: String])
        /// The path exists with these methods.
        case otherMethods([String])
        case nothing
    }

    /// Literal parts win over varying ones. HEAD is answered as GET.
    func match(_ method: String, _ segments: [RequestTarget.Segment]) -> Match {
        let wanted = method == "HEAD" ? "GET" : method
        let fitting = Self.fitting(routePaths, segments)
        if let (index, parameters) = fitting.first(where: { routes[$0.index].method.rawValue == wanted }) {
            return .route(routes[index], parameters)
        }
        let readable = Self.fitting(documentPaths, segments)
        if let (index, parameters) = readable.first(where: { documents[$0.index].method.rawValue == wanted }) {
            return .document(documents[index], parameters)
        }
        var methods = Set(
            fitting.map { routes[$0.index].method.rawValue } + readable.map { documents[$0.index].method.rawValue })
        guard !methods.isEmpty else { return .nothing }
        if methods.contains("GET") { methods.insert("HEAD") }
        return .otherMethods(methods.sorted())
    }

    /// Which of the paths fit, those of the most literal parts first.
    private static func fitting(
        _ paths: [RoutePath], _ segments: [RequestTarget.Segment]
    ) -> [(index: Int, parameters: [String: String])] {
        var fitting: [(index: Int, parameters: [String: String])] = []
        for index in paths.indices where paths[index].parts.count == segments.count {
            if let parameters = paths[index].match(segments) { fitting.append((index, parameters)) }
        }
        return fitting.count < 2
            ? fitting : fitting.sorted { paths[$0.index].literalCount > paths[$1.index].literalCount }
    }

    /// Why the table cannot be served: an operation without a route, a handler without the permit that the rule
    /// demands, a call that is there twice. Empty when all is well.
    static func faults(_ routes: [Route]) -> [String] {
        var faults: [String] = []
        let served = Set(routes.map(\.operation))
        for operation in Operation.allCases where !operation.isLocal && !served.contains(operation) {
            faults.append("the operation \(operation.rawValue) has no route")
        }
        var seen: Set<String> = []
        for route in routes {
            let name = "\(route.method.rawValue) \(route.path.text)"
            if !route.handlerFitsRule { faults.append("\(name) is not handled under the rule of its operation") }
            if !seen.insert(name).inserted { faults.append("\(name) is there twice") }
        }
        return faults
    }
}
