import KeybearerAdministration
import KeybearerConsole
import KeybearerVerification

struct HelpView: Sendable {
    let pages: [Frame.Link]
    let blocks: [HelpPage.Block]
}

extension Console {
    func helpPage(_ visit: Visit) async -> Reply {
        guard let topic = visit.call["page"].isEmpty ? .create : HelpPage(rawValue: visit.call["page"]) else {
            return await notFoundPage(visit)
        }
        let plans = rules.plans.values.sorted { ($0.activeKeys ?? .max, $0.name) < ($1.activeKeys ?? .max, $1.name) }
        let facts = HelpPage.Facts(
            prefix: rules.keyFormat.prefix, ownersManageKeys: rules.keyManagement == .owner,
            acceptsCIDR: rules.acceptsCIDR,
            plans: plans.map { HelpPage.Facts.Plan(name: $0.title, keys: keysAllowed($0, visit)) },
            permissions: (rules.catalogue.productResources + rules.catalogue.ownResources).map {
                "\($0.name): \($0.actions.joined(separator: ", "))"
            },
            publicURL: rules.publicURL)
        let view = HelpView(
            pages: HelpPage.allCases.map {
                Frame.Link(href: "/help/\($0.rawValue)", label: $0.title(visit.language), isCurrent: $0 == topic)
            },
            blocks: topic.blocks(visit.language, facts))
        return await page("help", topic.title(visit.language), section: .help, view, visit)
    }

    /// A file of the pages, for ever under its name.
    func asset(_ name: String) throws -> Reply {
        let assets = [.style, .script, logo] + [brand.style].compactMap { $0 }
        guard let asset = assets.first(where: { $0.name == name }) else { throw Refusal.notFound }
        return Reply(200, contentType: asset.contentType, body: asset.bytes)
    }
}
