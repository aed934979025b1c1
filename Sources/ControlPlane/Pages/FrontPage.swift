extension Endpoints {
    func frontPage(_ call: Call) async throws -> Reply {
        HTMLPage(
            title: "Keybearer",
            content: """
                <p>API keys for organizations: the API is under <code>/v1</code>.</p>
                <ul>
                <li><a href="/openapi.json">The whole API as an OpenAPI 3.1 document</a></li>
                <li><a href="/healthz">Whether this process lives</a></li>
                <li><a href="/readyz">Whether it can decide</a></li>
                </ul>
                """
        ).reply()
    }
}
