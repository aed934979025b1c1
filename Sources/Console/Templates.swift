import Mustache

/// The pages' templates, embedded in the program and parsed once.
public struct Templates: Sendable {
    /// Every template by its file's name. A test compares the list with the folder.
    static let sources: [(name: String, bytes: [UInt8])] = [
        ("layout", PackageResources.layout_mustache),
        ("message", PackageResources.message_mustache),
        ("bounce", PackageResources.bounce_mustache),
        ("sign_in", PackageResources.sign_in_mustache),
        ("resume", PackageResources.resume_mustache),
        ("link", PackageResources.link_mustache),
        ("invitation", PackageResources.invitation_mustache),
        ("account", PackageResources.account_mustache),
        ("organizations", PackageResources.organizations_mustache),
        ("keys", PackageResources.keys_mustache),
        ("key_form", PackageResources.key_form_mustache),
        ("key_shown", PackageResources.key_shown_mustache),
        ("key", PackageResources.key_mustache),
        ("key_revoke", PackageResources.key_revoke_mustache),
        ("key_rotate", PackageResources.key_rotate_mustache),
        ("lookup", PackageResources.lookup_mustache),
        ("review", PackageResources.review_mustache),
        ("members", PackageResources.members_mustache),
        ("member", PackageResources.member_mustache),
        ("member_remove", PackageResources.member_remove_mustache),
        ("member_removed", PackageResources.member_removed_mustache),
        ("invited", PackageResources.invited_mustache),
        ("roles", PackageResources.roles_mustache),
        ("role", PackageResources.role_mustache),
        ("audit", PackageResources.audit_mustache),
        ("plan", PackageResources.plan_mustache),
        ("settings", PackageResources.settings_mustache),
        ("help", PackageResources.help_mustache),
        ("device", PackageResources.device_mustache),
        ("hidden", PackageResources.hidden_mustache),
        ("errors", PackageResources.errors_mustache),
        ("matrix", PackageResources.matrix_mustache),
    ]

    private let library: MustacheLibrary
    private let words: [Language: [String: [String: String]]]

    /// - Throws: the parser's error for a template that is not well formed: a mistake of the program.
    public init() throws {
        MustacheContentTypes.register(Markup.ContentType(), named: Markup.contentTypeName)
        var library = MustacheLibrary()
        for (name, bytes) in Self.sources {
            let text = "{{% CONTENT_TYPE:\(Markup.contentTypeName)}}" + String(decoding: bytes, as: UTF8.self)
            try library.register(text, named: name)
        }
        self.library = library
        words = Dictionary(
            Language.allCases.map { ($0, Catalogue.all.dictionary($0)) }, uniquingKeysWith: { $1 })
    }

    /// A page as HTML in UTF-8.
    ///
    /// - Parameters:
    ///   - frame: what every page shows around its content; templates see it as `frame`.
    ///   - page: the page's own view; templates see it as `page`.
    public func render(_ template: String, language: Language, frame: Any, page: Any) -> [UInt8] {
        let root = Root(t: words[language] ?? [:], frame: frame, page: page)
        return Array((library.render(root, withTemplate: template) ?? "").utf8)
    }

    private struct Root {
        let t: [String: [String: String]]
        let frame: Any
        let page: Any
    }
}
