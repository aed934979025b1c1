import KeybearerAdministration

/// The routes of one listener, checked against the operations before anything listens.
struct RouteTable: Sendable {
    let routes: [Route]
    let documents: [Document]

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
        let fitting = routes.compactMap { route in route.path.match(segments).map { (route, $0) } }
            .sorted { $0.0.path.literalCount > $1.0.path.literalCount }
        if let (route, parameters) = fitting.first(where: { $0.0.method.rawValue == wanted }) {
            return .route(route, parameters)
        }
        let readable = documents.compactMap { document in document.path.match(segments).map { (document, $0) } }
            .sorted { $0.0.path.literalCount > $1.0.path.literalCount }
        if let (document, parameters) = readable.first(where: { $0.0.method.rawValue == wanted }) {
            return .document(document, parameters)
        }
        var methods = Set(fitting.map { $0.0.method.rawValue } + readable.map { $0.0.method.rawValue })
        guard !methods.isEmpty else { return .nothing }
        if methods.contains("GET") { methods.insert("HEAD") }
        return .otherMethods(methods.sorted())
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
