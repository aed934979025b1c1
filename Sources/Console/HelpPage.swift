/// A page of help, made of blocks in the reader's language.
public enum HelpPage: String, Sendable, CaseIterable {
    case create, use, permissions, allowlist = "ip-allowlist", rotation, revocation, practice = "good-practice"

    /// What of this deployment the pages speak about.
    public struct Facts: Sendable {
        let prefix: String
        let ownersManageKeys: Bool
        let acceptsCIDR: Bool
        let plans: [Plan]
        let permissions: [String]
        let publicURL: String

        public init(
            prefix: String, ownersManageKeys: Bool, acceptsCIDR: Bool, plans: [Plan], permissions: [String],
            publicURL: String
        ) {
            self.prefix = prefix
            self.ownersManageKeys = ownersManageKeys
            self.acceptsCIDR = acceptsCIDR
            self.plans = plans
            self.permissions = permissions
            self.publicURL = publicURL
        }

        public struct Plan: Sendable {
            let name: String
            let keys: String

            public init(name: String, keys: String) {
                self.name = name
                self.keys = keys
            }
        }
    }

    /// One part of a page; exactly one of its properties is set.
    public struct Block: Sendable {
        var heading: String?
        /// As HTML, as are items and steps.
        var paragraph: String?
        var items: [String] = []
        var steps: [String] = []
        var code: String?
        var plans: [Facts.Plan] = []
        var hasItems = false
        var hasSteps = false
        var hasPlans = false
    }

    public func title(_ language: Language) -> String {
        let help = Catalogue.all.help
        let text =
            switch self {
            case .create: help.createTitle
            case .use: help.useTitle
            case .permissions: help.permissionsTitle
            case .allowlist: help.allowlistTitle
            case .rotation: help.rotationTitle
            case .revocation: help.revocationTitle
            case .practice: help.practiceTitle
            }
        return text[language]
    }

    public func blocks(_ language: Language, _ facts: Facts) -> [Block] {
        var page = Composition(language: language, facts: facts)
        switch self {
        case .create: page.create()
        case .use: page.use()
        case .permissions: page.permissions()
        case .allowlist: page.allowlist()
        case .rotation: page.rotation()
        case .revocation: page.revocation()
        case .practice: page.practice()
        }
        return page.blocks
    }
}

private struct Composition {
    let language: Language
    let facts: HelpPage.Facts
    var blocks: [HelpPage.Block] = []

    private var help: HelpTexts { Catalogue.all.help }
    private var guide: GuideTexts { Catalogue.all.guide }

    init(language: Language, facts: HelpPage.Facts) {
        self.language = language
        self.facts = facts
    }

    private mutating func heading(_ text: Text) { blocks.append(HelpPage.Block(heading: text[language])) }

    private mutating func say(_ text: Text, _ values: [String: String] = [:]) {
        blocks.append(HelpPage.Block(paragraph: Markup.inline(text(language, values))))
    }

    private mutating func items(_ texts: Text...) {
        blocks.append(HelpPage.Block(items: texts.map { Markup.inline($0[language]) }, hasItems: true))
    }

    private mutating func steps(_ texts: Text...) {
        blocks.append(HelpPage.Block(steps: texts.map { Markup.inline($0[language]) }, hasSteps: true))
    }

    private mutating func code(_ text: String) { blocks.append(HelpPage.Block(code: text)) }

    mutating func create() {
        say(help.createWhat)
        say(facts.ownersManageKeys ? help.createWhoOwner : help.createWhoPermission)
        steps(help.createStep1, help.createStep2, help.createStep3, help.createStep4)
        say(help.createOnce)
        say(help.createFormat, ["prefix": facts.prefix])
        heading(help.createPlans)
        say(help.createPlansLead)
        blocks.append(HelpPage.Block(plans: facts.plans, hasPlans: true))
    }

    mutating func use() {
        say(help.useHeader)
        code("GET /api/invoices HTTP/1.1\nHost: api.example.com\nAuthorization: Bearer \(facts.prefix)_…")
        code("curl https://api.example.com/v1/project \\\n  -H \"Authorization: Bearer \(facts.prefix)_…\"")
        say(help.useOther)
        say(help.useNever)
        say(help.useScope)
        heading(help.useCLI)
        say(help.useCLILead)
        code("export KEYBEARER_URL=\(facts.publicURL)\nexport KEYBEARER_API_KEY=\(facts.prefix)_…\nkeybearer whoami")
        code("keybearer auth api-key --key -")
        say(help.useOrganization)
        heading(help.useLimits)
        say(help.useLimitsLead)
    }

    mutating func permissions() {
        say(help.permissionsModel)
        say(help.permissionsExamples)
        items(help.permissionsExample1, help.permissionsExample2, help.permissionsExample3)
        say(help.permissionsBounds)
        heading(help.permissionsCatalogue)
        code(facts.permissions.joined(separator: "\n"))
    }

    mutating func allowlist() {
        say(guide.allowlistWhat)
        say(guide.allowlistWhen)
        items(guide.allowlistWhen1, guide.allowlistWhen2, guide.allowlistWhen3)
        say(guide.allowlistLiteral)
        say(facts.acceptsCIDR ? guide.allowlistCIDR : guide.allowlistNoCIDR)
    }

    mutating func rotation() {
        say(guide.rotationWhat)
        steps(guide.rotationStep1, guide.rotationStep2, guide.rotationStep3, guide.rotationStep4)
        say(guide.rotationRules)
    }

    mutating func revocation() {
        say(guide.revocationWhat)
        steps(guide.revocationStep1, guide.revocationStep2)
        say(guide.revocationWhen)
        items(
            guide.revocationWhen1, guide.revocationWhen2, guide.revocationWhen3, guide.revocationWhen4,
            guide.revocationWhen5)
        say(guide.revocationReview)
    }

    mutating func practice() {
        items(guide.practice1, guide.practice2, guide.practice3, guide.practice4, guide.practice5)
        say(guide.practiceFound)
    }
}
