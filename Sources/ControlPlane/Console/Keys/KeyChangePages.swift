import KeybearerAdministration
import KeybearerConsole
import KeybearerVerification

struct RevokeView: Sendable {
    var problem: ProblemView?
    let href: String
    let name: String
    let preview: String
    let lastUsed: String
    let reason: String
    let canCascade: Bool
}

struct RotateView: Sendable {
    var problem: ProblemView?
    let href: String
    let name: String
    let form: String
    let overlaps: [ChoiceView]
}

struct LookupView: Sendable {
    var problem: ProblemView?
}

extension Console {
    func revokeKeyPage(_ visit: Visit, _ permit: OrganizationPermit) async throws -> Reply {
        let key = try await administration.key(try visit.call.id("id"), permit)
        return try await revokeKeyPage(visit, key, permit, failure: nil, status: 200)
    }

    private func revokeKeyPage(
        _ visit: Visit, _ key: APIKey, _ permit: OrganizationPermit, failure: Failure?, status: Int
    ) async throws -> Reply {
        var children = KeySearch()
        children.createdBy = key.id.description
        children.limit = 1
        let lastUsed =
            key.lastUse.map { visit.say(\.key.lastUsedNote, ["when": visit.relative($0.at)]) }
            ?? visit.say(\.keys.neverUsed)
        let view = RevokeView(
            problem: failure.map { problem($0, visit) }, href: "/api-keys/\(key.id)", name: key.name,
            preview: key.preview, lastUsed: lastUsed, reason: visit.form["reason"],
            canCascade: try await !administration.searchKeys(children, permit).isEmpty)
        return await page("key_revoke", visit.say(\.key.revokeTitle), section: .keys, view, visit, status: status)
    }

    func revokeKey(_ visit: Visit, _ permit: OrganizationPermit) async throws -> Reply {
        let id: KeyID = try visit.call.id("id")
        let key = try await administration.key(id, permit)
        // Browsers end lines with two characters; the log keeps one.
        let reason = visit.form.line("reason").split(whereSeparator: \.isNewline).joined(separator: "\n")
        do {
            let revoked = try await administration.revokeKey(
                id, reason: reason.isEmpty ? nil : reason, cascade: visit.form["cascade"] == "yes", permit)
            let barrier = Notice.Barrier(
                revision: revoked.barrier.revision, acknowledgedBy: revoked.barrier.acknowledgedBy,
                unreachable: revoked.barrier.unreachable, isComplete: revoked.barrier.completedBy != nil)
            return redirect(Section.keys.path, Notice(.keyRevoked, name: revoked.key.name, barrier: barrier))
        } catch let failure as Failure where failure.code == .invalidReason {
            return try await revokeKeyPage(visit, key, permit, failure: failure, status: 422)
        }
    }

    func disableKey(_ visit: Visit, _ permit: OrganizationPermit) async throws -> Reply {
        try await setEnabled(false, visit, permit)
    }

    func enableKey(_ visit: Visit, _ permit: OrganizationPermit) async throws -> Reply {
        try await setEnabled(true, visit, permit)
    }

    private func setEnabled(_ isEnabled: Bool, _ visit: Visit, _ permit: OrganizationPermit) async throws -> Reply {
        let id: KeyID = try visit.call.id("id")
        _ = try await administration.updateKey(id, KeyPatch(enabled: isEnabled), permit)
        return redirect("/api-keys/\(id)", Notice(isEnabled ? .keyEnabled : .keyDisabled))
    }

    // MARK: Rotation

    private static let overlaps: [Int64] = [0, 3600, 86_400, 259_200, 604_800]

    func rotateKeyPage(_ visit: Visit, _ permit: OrganizationPermit) async throws -> Reply {
        let key = try await administration.key(try visit.call.id("id"), permit)
        guard visit.form["form"].utf8.count == 64 else {
            return redirect("/api-keys/\(key.id)/rotate?form=\(VisitorToken.make())")
        }
        return await rotateKeyPage(visit, key, failure: nil, status: 200)
    }

    private func rotateKeyPage(_ visit: Visit, _ key: APIKey, failure: Failure?, status: Int) async -> Reply {
        let chosen = Int64(visit.form["overlap"]) ?? 86_400
        let view = RotateView(
            problem: failure.map { problem($0, visit) }, href: "/api-keys/\(key.id)", name: key.name,
            form: visit.form["form"],
            overlaps: Self.overlaps.map { seconds in
                let label = seconds == 0 ? visit.say(\.key.overlapNone) : visit.formats.span(seconds: seconds)
                return ChoiceView(value: String(seconds), label: label, isCurrent: seconds == chosen)
            })
        let title = visit.say(\.key.rotateTitle, ["name": key.name])
        return await page("key_rotate", title, section: .keys, view, visit, status: status)
    }

    func rotateKey(_ visit: Visit, _ permit: OrganizationPermit) async throws -> Reply {
        let id: KeyID = try visit.call.id("id")
        let key = try await administration.key(id, permit)
        let overlap = Int(visit.form["overlap"]) ?? 86_400
        let remembering = try remembering(visit, parts: [visit.form["overlap"]]) { (key: APIKey) in key.id.description }
        do {
            let answer = try await administration.rotateKey(
                id, overlapSeconds: overlap, permit, remembering: remembering)
            return try await shown(
                answer, visit, permit, overlapEndsAt: visit.now.adding(seconds: Int64(overlap)))
        } catch let failure as Failure where failure.code.status < 500 && failure.code != .idempotencyInProgress {
            return await rotateKeyPage(visit, key, failure: failure, status: failure.code.status)
        }
    }

    // MARK: Which key is this?

    func lookupPage(_ visit: Visit, _ permit: OrganizationPermit) async throws -> Reply {
        await page("lookup", visit.say(\.keys.lookup), section: .keys, LookupView(), visit)
    }

    /// Hashes what was pasted here; the text goes no further.
    func lookUpKey(_ visit: Visit, _ permit: OrganizationPermit) async throws -> Reply {
        let text = visit.form.line("text")
        let isDigest = text.utf8.count == 64 && KeyDigest(hex: text.lowercased()) != nil
        let digest = isDigest ? text.lowercased() : KeyDigest(ofText: Array(text.utf8)).hex
        do {
            let key = try await administration.lookUpKey(digest: digest, permit)
            return redirect("/api-keys/\(key.id)")
        } catch let failure as Failure where failure.code == .notFound {
            let problem = ProblemView(title: visit.say(\.keys.lookupNone), items: [])
            return await page(
                "lookup", visit.say(\.keys.lookup), section: .keys, LookupView(problem: problem), visit, status: 404)
        }
    }
}
