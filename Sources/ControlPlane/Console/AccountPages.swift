import KeybearerAdministration
import KeybearerConsole
import KeybearerVerification

struct AccountView: Sendable {
    var problem: ProblemView?
    let name: String
    let email: String
    let sessions: [Session]

    struct Session: Sendable {
        let id: String
        let kind: String
        let isCurrent: Bool
        let address: String
        let since: String
        let seen: String
        let via: String?
        let endLabel: String
    }
}

extension Console {
    func accountPage(_ visit: Visit, _ permit: PersonalPermit) async throws -> Reply {
        try await accountPage(visit, permit, problem: nil, status: 200)
    }

    private func accountPage(
        _ visit: Visit, _ permit: PersonalPermit, problem: ProblemView?, status: Int
    ) async throws -> Reply {
        let sessions = try await administration.sessions(permit).prefix(100).map { session in
            AccountView.Session(
                id: session.id.description,
                kind: visit.say(session.kind == .console ? \.account.console : \.account.token),
                isCurrent: session.id == permit.scope.session.id,
                address: session.address?.description ?? visit.say(\.common.unknown),
                since: visit.say(\.account.since, ["date": visit.formats.moment(session.createdAt)]),
                seen: visit.say(\.account.seen, ["when": visit.relative(session.lastSeenAt)]),
                via: session.viaOperator.map { visit.say(\.common.via, ["name": $0]) },
                endLabel: visit.say(\.account.endOne, ["date": visit.formats.moment(session.createdAt)]))
        }
        let user = permit.scope.user
        let view = AccountView(
            problem: problem, name: user.name, email: user.email.description, sessions: sessions)
        return await page("account", visit.say(\.account.title), view, visit, status: status)
    }

    func changePassword(_ visit: Visit, _ permit: PersonalPermit) async throws -> Reply {
        do {
            try await administration.changePassword(
                current: visit.form["current"], new: visit.form["new"], permit)
            return redirect("/account", Notice(.passwordChanged))
        } catch let failure as Failure where failure.code.status < 500 {
            let problem =
                failure.code == .invalidCredentials
                ? ProblemView(title: visit.say(\.common.problem), items: [visit.say(\.failure.wrongPassword)])
                : problem(failure, visit)
            return try await accountPage(
                visit, permit, problem: problem, status: failure.code == .invalidCredentials ? 422 : failure.code.status
            )
        }
    }

    func endSession(_ visit: Visit, _ permit: PersonalPermit) async throws -> Reply {
        try await administration.endSession(try visit.call.id("id"), permit)
        return redirect("/account", Notice(.sessionEnded))
    }
}
