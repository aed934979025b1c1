import KeybearerAdministration
import KeybearerConsole
import KeybearerVerification

/// One request to a page: who asks, in which language, in which organization, with which form.
struct Visit: Sendable {
    let call: Call
    let language: Language
    /// `light` or `dark`; nil leaves it to the browser.
    let theme: String?
    /// The body of a POST, the query of a GET.
    let form: PageForm
    /// What a form of this browser has to carry.
    let csrf: String
    /// Set where the browser needs a new visitor's cookie for `csrf`.
    let newVisitorToken: String?
    let notice: Notice?
    var person: Person?

    /// Somebody who is signed in.
    struct Person: Sendable {
        let user: User
        let session: Session
        let organizations: [(organization: Organization, member: Member)]
        /// nil where it has not been chosen yet.
        let current: Organization?
        let caller: Caller

        var role: RoleName? {
            organizations.first { $0.organization.id == current?.id }?.member.role
        }
    }

    var now: Timestamp { call.now }
    var formats: Formats { Formats(language) }

    /// The path and query that this page is at, for coming back to it.
    var here: String { call.target.path + (call.target.query.map { "?\($0)" } ?? "") }

    func say(_ text: KeyPath<Catalogue, Text>) -> String { Catalogue.all[keyPath: text][language] }

    func say(_ text: KeyPath<Catalogue, Text>, _ values: [String: String]) -> String {
        Catalogue.all[keyPath: text](language, values)
    }

    func say(_ text: KeyPath<Catalogue, Counted>, _ count: Int) -> String {
        Catalogue.all[keyPath: text](language, count)
    }

    func relative(_ time: Timestamp) -> String { formats.relative(time, to: now) }
}

/// What a handler throws to leave its page for another answer.
struct Detour: Error, Sendable {
    let reply: Reply
}
