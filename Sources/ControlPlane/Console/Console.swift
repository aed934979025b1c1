import KeybearerAPI
import KeybearerAdministration
import KeybearerConsole
import KeybearerVerification
import Logging

/// The pages: each handler decodes a form, calls the operation that the API calls, and shows what it answers.
struct Console: Sendable {
    let administration: Administration
    let site: Site
    let brand: Brand
    let templates: Templates
    let logger: Logger
    let nodes: @Sendable () async throws -> [ControlPlane.Node]

    /// - Throws: where a template is not well formed.
    init(
        administration: Administration, site: Site, brand: Brand, logger: Logger,
        nodes: @escaping @Sendable () async throws -> [ControlPlane.Node]
    ) throws {
        self.logger = logger
        self.nodes = nodes
        self.administration = administration
        self.site = site
        self.brand = brand
        templates = try Templates()
    }

    var rules: Rules { administration.rules }

    var logo: Asset { brand.logo ?? .icon }

    /// A whole page.
    ///
    /// - Parameters:
    ///   - section: the entry of the navigation that the page belongs to.
    ///   - view: what the template sees as `page`.
    func page(
        _ template: String, _ title: String, section: Section? = nil, _ view: Any, _ visit: Visit, status: Int = 200,
        fields: [(String, String)] = []
    ) async -> Reply {
        let frame = await frame(title, section, visit)
        let body = templates.render(template, language: visit.language, frame: frame, page: view)
        var all = fields
        // Other pages have no form that would ask for the token before somebody is signed in.
        if template == "sign_in", let token = visit.newVisitorToken {
            all.append(("Set-Cookie", cookies.visitor(token)))
        }
        if visit.notice != nil { all.append(("Set-Cookie", cookies.clearing(Cookies.noticeName))) }
        all.append(("Content-Language", visit.language.rawValue))
        return Reply(status, contentType: "text/html; charset=utf-8", body: body, fields: all)
    }

    var cookies: Cookies { Cookies(site: site) }

    /// Whether what a form changes still stands as it did when the form was opened: of two tabs, the second one to save
    /// is told of the first.
    ///
    /// - Throws: `precondition_failed`.
    func mustStand(_ standing: String, _ visit: Visit) throws {
        guard visit.form["was"] == standing else {
            throw Failure(.preconditionFailed, "It has changed since the form was opened.")
        }
    }

    /// What a POST answers once it has done its work: the next page shows the notice.
    func redirect(_ path: String, _ notice: Notice? = nil, fields: [(String, String)] = []) -> Reply {
        let cookie = notice.map { [("Set-Cookie", cookies.notice($0))] } ?? []
        return Reply(303, fields: [("Location", path)] + fields + cookie)
    }
}

/// The parts of the console, as the navigation names them.
enum Section: String, CaseIterable, Sendable {
    case keys, review, members, roles, audit, plan, settings, help

    var path: String {
        switch self {
        case .keys: "/api-keys"
        case .review: "/api-keys/review"
        case .members: "/members"
        case .roles: "/roles"
        case .audit: "/audit"
        case .plan: "/plan"
        case .settings: "/settings"
        case .help: "/help"
        }
    }

    var title: KeyPath<Catalogue, Text> {
        switch self {
        case .keys: \.keys.title
        case .review: \.review.title
        case .members: \.people.title
        case .roles: \.people.rolesTitle
        case .audit: \.audit.title
        case .plan: \.organization.planTitle
        case .settings: \.organization.settingsTitle
        case .help: \.help.title
        }
    }

    /// Without it the entry leads to a refusal, so it is left out. Keys stay: their refusal says who can help.
    var permission: BuiltInPermission? {
        switch self {
        case .keys, .help: nil
        case .review: .keyRead
        case .members: .memberRead
        case .roles: .roleRead
        case .audit: .auditRead
        case .plan, .settings: .organizationRead
        }
    }
}
