import KeybearerAPI
import KeybearerAdministration
import Testing

@testable import KeybearerControlPlane

@Suite struct `The route table` {
    @Test func `A2 routes and operations are the same set, each under the rule of its operation`() {
        #expect(RouteTable.faults(ControlPlane.allRoutes).isEmpty)
        #expect(Set(ControlPlane.routeTable.map(\.operation)) == Set(Operation.allCases))
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
        let table = RouteTable(routes: ControlPlane.allRoutes, documents: Document.all)
        guard case .route(let route, _) = table.match("POST", ["v1", "api-keys", "revoke"]) else {
            Issue.record("no route")
            return
        }
        #expect(route.operation == .revokeKeys)
        guard case .otherMethods(let methods) = table.match("PUT", ["v1", "api-keys"]) else {
            Issue.record("a route")
            return
        }
        #expect(methods == ["GET", "HEAD", "POST"])
        guard case .nothing = table.match("GET", ["v1", "api-keys", ""]) else {
            Issue.record("a trailing slash is another path")
            return
        }
    }
}
