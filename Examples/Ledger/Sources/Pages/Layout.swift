import Foundation

/// What all pages have around them.
struct Layout: Sendable {
    let visit: Visit

    func page(_ title: String, notice: String? = nil, _ content: HTML) -> HTML {
        """
        <!doctype html>
        <html lang="\(visit.language.rawValue)">
        <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(title) – Ledger</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/ledger.css"></head>
        <body>
        <header><a class="brand" href="/">Ledger</a>\(navigation)</header>
        <main><h1>\(title)</h1>\(notice.map { ["<p class=\"notice\" role=\"status\">\($0)</p>"] } ?? [])\(content)</main>
        <footer><form method="post" action="/preferences"><input type="hidden" name="next" value="\(visit.here)">
        <fieldset><legend>\(visit.say(.language))</legend>
        <button name="language" value="en" lang="en" aria-pressed="\(pressed(.english))">English</button>
        <button name="language" value="es" lang="es" aria-pressed="\(pressed(.spanish))">Español</button></fieldset></form>
        <a href="/help/api-keys">\(visit.say(.help))</a></footer>
        </body></html>
        """
    }

    /// A form that only a page of this session can have made.
    func form(_ action: String, _ fields: HTML) -> HTML {
        """
        <form method="post" action="\(action)"><input type="hidden" name="form" value="\(visit.visitor?.formToken ?? "")">
        \(fields)</form>
        """
    }

    func field(_ name: String, _ words: Words, type: String = "text", value: String = "") -> HTML {
        """
        <label for="\(name)">\(visit.say(words))</label>
        <input id="\(name)" name="\(name)" type="\(type)" value="\(value)" required>
        """
    }

    func table(_ head: [Words], _ rows: [HTML]) -> HTML {
        guard !rows.isEmpty else { return "<p>\(visit.say(.none))</p>" }
        let titles = head.map { "<th scope=\"col\">\(visit.say($0))</th>" as HTML }
        return "<div class=\"wide\"><table><thead><tr>\(titles)</tr></thead><tbody>\(rows)</tbody></table></div>"
    }

    /// The way through a list's pages; `path` already has a query.
    func pager<Item>(_ listed: Listed<Item>, _ path: String) -> HTML {
        let page = listed.page.page
        let back: HTML = "<a rel=\"prev\" href=\"\(path)&page=\(Int64(page - 1))\">\(visit.say(.previous))</a> "
        let on: HTML = "<a rel=\"next\" href=\"\(path)&page=\(Int64(page + 1))\">\(visit.say(.next))</a>"
        return "<p>\(page > 1 ? [back] : [])\(listed.hasMore ? [on] : [])</p>"
    }

    private func pressed(_ language: Language) -> String { visit.language == language ? "true" : "false" }

    private var navigation: HTML {
        guard let visitor = visit.visitor else {
            return "<nav><a href=\"/sign-in\">\(visit.say(.signIn))</a></nav>"
        }
        let links: [(String, Words)] =
            [("/invoices", .invoices), ("/customers", .customers), ("/members", .people), ("/plan", .plan)]
            + (visitor.role == .owner ? [("/api-keys", .keys)] : [])
        return """
            <nav>\(links.map { "<a href=\"\($0.0)\">\(visit.say($0.1))</a> " as HTML })</nav>
            <a class="where" href="/organizations">\(visitor.workspace.name)</a>
            <span>\(visitor.name)</span>
            <form method="post" action="/sign-out"><button>\(visit.say(.signOut))</button></form>
            """
    }
}

/// Amounts and days, as readers of a language write them.
extension Language {
    func amount(_ cents: Int64, _ currency: String) -> String {
        (Decimal(cents) / 100).formatted(.currency(code: currency).locale(Locale(identifier: rawValue)))
    }
}

extension Invoice.Status {
    var words: Words {
        switch self {
        case .draft: .draft
        case .sent: .sent
        case .paid: .paid
        }
    }
}

extension Role {
    var words: Words {
        switch self {
        case .owner: .owner
        case .admin: .admin
        case .member: .member
        }
    }
}
