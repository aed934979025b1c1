import KeybearerAdministration
import KeybearerConsole
import KeybearerVerification

/// What every page shows around its content.
struct Frame: Sendable {
    let title: String
    let language: String
    let theme: String?
    let brandName: String
    let logo: String
    let icon: String
    let style: String
    let brandStyle: String?
    let script: String
    let helpLink: String?
    let csrf: String
    let organizationID: String?
    let visitor: Visitor?
    let navigation: [Link]
    let languages: [Choice]
    let themes: [Choice]
    let here: String
    let width: String
    let notice: NoticeView?
    let via: String?
    let suspended: String?

    struct Visitor: Sendable {
        let name: String
        let organizationName: String?
    }

    struct Link: Sendable {
        let href: String
        let label: String
        let isCurrent: Bool
    }

    struct Choice: Sendable {
        let code: String
        let label: String
        let isCurrent: Bool
    }

    struct NoticeView: Sendable {
        let kind: String
        let text: String
        let detail: String?
    }
}

extension Console {
    func frame(_ title: String, _ section: Section?, _ visit: Visit) async -> Frame {
        let person = visit.person
        return Frame(
            title: title, language: visit.language.rawValue, theme: visit.theme, brandName: brand.name,
            logo: "/assets/\(logo.name)", icon: "/assets/\(logo.name)", style: "/assets/\(Asset.style.name)",
            brandStyle: brand.style.map { "/assets/\($0.name)" }, script: "/assets/\(Asset.script.name)",
            helpLink: brand.helpLink, csrf: visit.csrf, organizationID: person?.current?.id.description,
            visitor: person.map { Frame.Visitor(name: $0.user.name, organizationName: $0.current?.name) },
            navigation: await navigation(section, visit),
            languages: Language.allCases.map {
                Frame.Choice(code: $0.rawValue, label: $0.ownName, isCurrent: $0 == visit.language)
            },
            themes: Self.themes.map {
                Frame.Choice(code: $0.code, label: visit.say($0.text), isCurrent: $0.code == visit.theme ?? "auto")
            },
            here: here(section, visit), width: "",
            notice: visit.notice.map { noticeView($0, visit) },
            via: person?.session.viaOperator.map { visit.say(\.common.via, ["name": $0]) },
            suspended: person?.current?.isSuspended == true ? visit.say(\.common.suspended) : nil)
    }

    private static var themes: [(code: String, text: KeyPath<Catalogue, Text>)] {
        [("auto", \.common.themeAuto), ("light", \.common.themeLight), ("dark", \.common.themeDark)]
    }

    /// Where a GET shows this page again, or the nearest that it can.
    private func here(_ section: Section?, _ visit: Visit) -> String {
        guard visit.call.method == "POST" else { return visit.here }
        let path = visit.call.target.path
        let isOwnPage = path.hasPrefix("/sign-in") || path.hasPrefix("/invitations/")
        return section?.path ?? (isOwnPage ? path : "/")
    }

    private func navigation(_ section: Section?, _ visit: Visit) async -> [Frame.Link] {
        guard let person = visit.person, person.current != nil else {
            return [
                Frame.Link(href: Section.help.path, label: visit.say(Section.help.title), isCurrent: section == .help)
            ]
        }
        var held = PermissionSet([])
        do {
            held = PermissionSet(try await administration.describe(person.caller).permissions)
        } catch {
            // Without an answer the entries that need a permission are left out; the pages ask the policy anyway.
        }
        let isManager = person.role == .owner || rules.keyManagement == .permission
        return Section.allCases.filter { entry in
            guard entry != .review || isManager else { return false }
            guard let permission = entry.permission.flatMap({ Permission($0.rawValue) }) else { return true }
            return held.covers(permission)
        }.map { Frame.Link(href: $0.path, label: visit.say($0.title), isCurrent: $0 == section) }
    }

    private func noticeView(_ notice: Notice, _ visit: Visit) -> Frame.NoticeView {
        let name = ["name": notice.name]
        var kind = "good"
        let text: String
        var detail: String?
        switch notice.kind {
        case .keyRevoked:
            let isComplete = notice.barrier?.isComplete ?? true
            if !isComplete { kind = "warn" }
            text = visit.say(isComplete ? \.key.revokedNow : \.key.revokedSoon, name)
            detail = notice.barrier.map { barrier in
                let proof = visit.say(
                    \.key.proof,
                    [
                        "revision": String(barrier.revision),
                        "nodes": barrier.acknowledgedBy.isEmpty ? "–" : barrier.acknowledgedBy.joined(separator: ", "),
                    ])
                guard !barrier.unreachable.isEmpty else { return proof }
                let unreachable = ["nodes": barrier.unreachable.joined(separator: ", ")]
                return proof + "; " + visit.say(\.key.unreachable, unreachable)
            }
        case .keyUpdated: text = visit.say(\.form.updated)
        case .keyDisabled: text = visit.say(\.key.disabledNow)
        case .keyEnabled: text = visit.say(\.key.enabledNow)
        case .passwordChanged: text = visit.say(\.account.changed)
        case .sessionEnded: text = visit.say(\.account.ended)
        case .invitationWithdrawn: text = visit.say(\.people.withdrawn)
        case .memberSaved: text = visit.say(\.people.saved)
        case .roleSaved: text = visit.say(\.people.roleSaved)
        case .roleRemoved: text = visit.say(\.people.roleRemoved)
        case .renamed: text = visit.say(\.organization.renamed)
        case .organizationCreated: text = visit.say(\.organization.created)
        case .deviceApproved: text = visit.say(\.account.deviceApproved)
        case .deviceDenied: text = visit.say(\.account.deviceDenied)
        }
        return Frame.NoticeView(kind: kind, text: text, detail: detail)
    }
}
