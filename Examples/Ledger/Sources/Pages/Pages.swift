import Hummingbird

/// The pages: for people who are signed in, in the workspace that they chose.
struct Pages: Sendable {
    let books: Books
    let sessions: Sessions
    let keys: KeyServer
    /// Whether browsers reach the pages by https.
    let isSecure: Bool

    func add(to router: Router<LedgerContext>) {
        router.get("/") { _, _ in Response.onward("/invoices") }
        router.get("ledger.css") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "text/css", .cacheControl: "max-age=300"],
                body: .init(byteBuffer: ByteBuffer(string: Style.sheet)))
        }
        router.get("sign-in", use: anyone(signInPage))
        router.post("sign-in", use: anyone(signIn))
        router.post("sign-out", use: anyone(signOut))
        router.get("help/api-keys", use: anyone(helpPage))

        router.get("organizations", use: signedIn(workspacesPage))
        router.post("organizations", use: signedIn(enterWorkspace))
        router.get("invoices", use: signedIn(invoicesPage))
        router.post("invoices", use: signedIn(addInvoice))
        router.get("invoices/:id", use: signedIn(invoicePage))
        router.post("invoices/:id/send", use: signedIn(send))
        router.post("invoices/:id/pay", use: signedIn(pay))
        router.get("customers", use: signedIn(customersPage))
        router.post("customers", use: signedIn(addCustomer))
        router.get("members", use: signedIn(membersPage))
        router.post("members/:id", use: signedIn(changeMember))
        router.post("members/:id/remove", use: signedIn(removeMember))
        router.get("plan", use: signedIn(planPage))
        router.post("plan", use: signedIn(changePlan))
    }

    typealias Handler = @Sendable (Request, LedgerContext) async throws -> Response

    private func anyone(_ handler: @escaping @Sendable (Visit) async throws -> Response) -> Handler {
        { request, _ in
            let visit = Visit(request, try await visitor(request))
            return try await refusals(visit) { try await handler(visit) }
        }
    }

    /// A page behind the sign-in; who has left the workspace is asked to sign in anew.
    private func signedIn(
        _ handler: @escaping @Sendable (Visit, Visitor, LedgerContext) async throws -> Response
    ) -> Handler {
        { request, context in
            guard let visitor = try await visitor(request) else { return .onward("/sign-in") }
            let visit = Visit(request, visitor)
            return try await refusals(visit) { try await handler(visit, visitor, context) }
        }
    }

    private func visitor(_ request: Request) async throws -> Visitor? {
        guard let token = request.cookies[Visit.cookie]?.value else { return nil }
        return try await sessions.visitor(token)
    }

    private func refusals(_ visit: Visit, _ work: () async throws -> Response) async throws -> Response {
        do {
            return try await work()
        } catch let refusal as PageRefusal {
            let words = visit.say(refusal.words)
            return .page(Layout(visit: visit).page(words, ""), status: refusal.status)
        } catch let field as InvalidField {
            let title = "\(visit.say(.invalid)): \(field.name)"
            return .page(Layout(visit: visit).page(title, "<p>\(field.detail)</p>"), status: .unprocessableContent)
        }
    }

    static func mustWrite(_ visitor: Visitor) throws {
        guard visitor.role.mayWrite else { throw PageRefusal(.forbidden, .readersOnly) }
    }

    static func mustOwn(_ visitor: Visitor) throws {
        guard visitor.role == .owner else { throw PageRefusal(.forbidden, .ownersOnly) }
    }
}
