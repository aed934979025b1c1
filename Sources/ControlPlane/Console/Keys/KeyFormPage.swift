import KeybearerAdministration
import KeybearerConsole
import KeybearerVerification

struct KeyShownView: Sendable {
    /// The key's text; nil for a repetition, which never sees it.
    let secret: String?
    let href: String
    let openLabel: String
    let curl: String
    let cli: String
    let noPermissions: String?
    let overlap: String?
}

extension Console {
    func newKeyPage(_ visit: Visit, _ permit: OrganizationPermit) async throws -> Reply {
        // The form's own token is part of its address: going back leads to the same form, which counts once.
        guard visit.form["form"].utf8.count == 64 else { return redirect("/api-keys/new?form=\(VisitorToken.make())") }
        let organization = try await administration.organization(permit)
        guard createOff(organization, visit) == nil else { return redirect(Section.keys.path) }
        return await keyForm(visit, permit, KeyFormInput(), key: nil, failure: nil, status: 200)
    }

    func editKeyPage(_ visit: Visit, _ permit: OrganizationPermit) async throws -> Reply {
        let key = try await administration.key(try visit.call.id("id"), permit)
        return await keyForm(visit, permit, KeyFormInput(key), key: key, failure: nil, status: 200)
    }

    private func keyForm(
        _ visit: Visit, _ permit: OrganizationPermit, _ input: KeyFormInput, key: APIKey?, failure: Failure?,
        status: Int
    ) async -> Reply {
        let composition = KeyFormComposition(
            visit: visit, rules: rules, held: permit.scope.authority.permissions, input: input, failure: failure)
        let view = composition.view(
            action: key.map { "/api-keys/\($0.id)/edit" } ?? "/api-keys", form: visit.form["form"], key: key,
            submit: visit.say(key == nil ? \.form.generate : \.common.save))
        let title = key.map { visit.say(\.form.editTitle, ["name": $0.name]) } ?? visit.say(\.keys.create)
        return await page("key_form", title, section: .keys, view, visit, status: status)
    }

    /// What a button inside the form asks for besides sending it; nil where the form is meant.
    private func step(_ visit: Visit, _ input: KeyFormInput) -> KeyFormInput? {
        var changed = input
        switch visit.form["step"] {
        case "": return nil
        case "add_ip":
            if let address = visit.call.address?.description, !changed.addresses.contains(address) {
                changed.addresses.append(address)
            }
        case let preset: changed.permissions = KeyFormComposition.preset(preset, rules)
        }
        return changed
    }

    func createKey(_ visit: Visit, _ permit: OrganizationPermit) async throws -> Reply {
        let input = KeyFormInput(visit.form)
        if let changed = step(visit, input) {
            return await keyForm(visit, permit, changed, key: nil, failure: nil, status: 200)
        }
        let remembering = try remembering(visit, parts: input.parts) { (key: APIKey) in key.id.description }
        do {
            let answer = try await administration.createKey(
                try input.draft(now: visit.now), permit, remembering: remembering)
            return try await shown(answer, visit, permit, overlapEndsAt: nil)
        } catch let failure as Failure where failure.code.status < 500 && failure.code != .idempotencyInProgress {
            return await keyForm(visit, permit, input, key: nil, failure: failure, status: failure.code.status)
        }
    }

    /// The key in the answer to its own POST, and nowhere else; a repetition learns which key it was.
    func shown(
        _ answer: consuming KeyAnswer, _ visit: Visit, _ permit: OrganizationPermit, overlapEndsAt: Timestamp?
    ) async throws -> Reply {
        switch consume answer {
        case .issued(let issued):
            let key = issued.key
            let text = issued.reveal()
            let overlap = overlapEndsAt.map { end in
                end <= visit.now
                    ? visit.say(\.key.overlapOver) : visit.say(\.key.overlapNote, ["date": visit.formats.moment(end)])
            }
            let view = KeyShownView(
                secret: text, href: "/api-keys/\(key.id)", openLabel: "", curl: curl(text), cli: commandLine(text),
                noPermissions: key.permissions.isEmpty ? visit.say(\.key.grantNothing) : nil, overlap: overlap)
            return await page("key_shown", visit.say(\.key.createdTitle), section: .keys, view, visit)
        case .replayed(let record):
            guard let id = KeyID(String(decoding: record.answer, as: UTF8.self)) else { throw Refusal.notFound }
            let key = try await administration.key(id, permit)
            let view = KeyShownView(
                secret: nil, href: "/api-keys/\(id)", openLabel: visit.say(\.key.open, ["name": key.name]), curl: "",
                cli: "", noPermissions: nil, overlap: nil)
            return await page("key_shown", visit.say(\.key.replayedTitle), section: .keys, view, visit)
        }
    }

    private func curl(_ key: String) -> String {
        "curl \(rules.publicURL)/v1/me -H 'Authorization: Bearer \(key)'"
    }

    private func commandLine(_ key: String) -> String {
        "export KEYBEARER_URL=\(rules.publicURL)\nexport KEYBEARER_API_KEY=\(key)\nkeybearer whoami"
    }

    func updateKey(_ visit: Visit, _ permit: OrganizationPermit) async throws -> Reply {
        let id: KeyID = try visit.call.id("id")
        let key = try await administration.key(id, permit)
        let input = KeyFormInput(visit.form)
        if let changed = step(visit, input) {
            return await keyForm(visit, permit, changed, key: key, failure: nil, status: 200)
        }
        do {
            var patch = KeyPatch(
                name: input.name, permissions: input.permissions, allowedIPs: input.addresses,
                labels: try input.labelPairs())
            // A day that was not touched keeps its hour.
            let standing = KeyFormInput(key)
            if input.expiry != standing.expiry || input.date != standing.date {
                patch.expiresAt = .some(input.expiresAt(now: visit.now))
            }
            let was = visit.form["was"]
            _ = try await administration.updateKey(id, patch, permit) { EntityTag($0).description == was }
            return redirect("/api-keys/\(id)", Notice(.keyUpdated))
        } catch let failure as Failure where failure.code.status < 500 {
            let current = failure.code == .preconditionFailed ? try await administration.key(id, permit) : key
            return await keyForm(visit, permit, input, key: current, failure: failure, status: failure.code.status)
        }
    }
}
