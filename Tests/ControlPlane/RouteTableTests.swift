import KeybearerAPI
import KeybearerAdministration
import Testing

@testable import KeybearerControlPlane

@Suite struct `The route table` {
    @Test func `A2 routes and operations are the same set, each under the rule of its operation`() {
        #expect(RouteTable.faults(ControlPlane.allRoutes).isEmpty)
        #expect(
            Set(ControlPlane.allRoutes.map(\.operation)) == Set(Operation.allCases.filter { !$0.isLocal }))
    }

    @Test func `A2 an operation without a route, a wrong permit and a repeated route are found`() {
        let lacking = ControlPlane.allRoutes.filter { $0.operation != .createKey }
        #expect(RouteTable.faults(lacking) == ["the operation api_key.create has no route"])
        let weaker = Route(.get, "/v1/weaker", .listKeys, .caller(Endpoints.showCaller))
        #expect(RouteTable.faults(ControlPlane.allRoutes + [weaker]).count == 1)
        #expect(RouteTable.faults(ControlPlane.allRoutes + [ControlPlane.allRoutes[0]]).count == 1)
    }

    @Test func `every call of the control plane in the OpenAPI document has a route, and every route is documented`()
        throws
    {
        let document = try JSON.parse(OpenAPI.document)
        let onlyElsewhere = ["/v1/verify/batch", "/v1/introspect", "/v1/authorize", "/v1/authorize/{path}", "/metrics"]
        var documented: Set<String> = []
        for (path, item) in document["paths"]?.objectValue?.members ?? [] where !onlyElsewhere.contains(path) {
            for method in item.objectValue?.keys ?? [] where Route.Method(rawValue: method.uppercased()) != nil {
                documented.insert("\(method.uppercased()) \(Self.shape(path))")
            }
        }
        let documents = Document.all.filter { $0.surface == .api }.map { "GET \($0.path.text)" }
        let served = (Route.api + Route.operatorAPI).map { "\($0.method.rawValue) \(Self.shape($0.path.text))" }
        #expect(documented == Set(served + documents))
    }

    /// The path without the names of its varying parts.
    private static func shape(_ path: String) -> String { path.replacing(#/\{[a-z]+\}/#, with: "{}") }

    @Test func `literal parts win, and another method is told the right ones`() {
        guard case .route(let route, _) = Self.match("POST", "/v1/api-keys/revoke") else {
            Issue.record("no route")
            return
        }
        #expect(route.operation == .revokeKeys)
        guard case .otherMethods(let methods) = Self.match("PUT", "/v1/api-keys") else {
            Issue.record("a route")
            return
        }
        #expect(methods == ["GET", "HEAD", "POST"])
        // Each name of the API has one spelling; a trailing slash makes another path.
        for path in ["/v1/api-keys/", "/v1/api%2dkeys", "/v1/API-keys", "/V1/api-keys"] {
            guard case .nothing = Self.match("GET", path) else {
                Issue.record("\(path) leads somewhere")
                continue
            }
        }
    }

    private static func match(_ method: String, _ path: String) -> RouteTable.Match {
        let table = RouteTable(routes: ControlPlane.allRoutes, documents: Document.all)
        return RequestTarget(path.utf8).map { table.match(method, $0.segments) } ?? .nothing
    }
}
