import KeybearerAdministration
import KeybearerVerification

extension SQLRecords: ForesightRecords {
    func expect(_ questions: [Question]) throws {
        guard connection.gainsByForesight else { return }
        let notes = Notes()
        let ahead = SQLRecords(connection: notes)
        for question in questions { try ahead.ask(question, notes) }
        try connection.expect(notes.questions, under: notes.exclusions)
    }

    /// Asks for what the answer is made of, as the questions' own methods do.
    private func ask(_ question: Question, _ notes: Notes) throws {
        switch question {
        case .organization(let reference): _ = try organization(reference)
        case .organizations(let user): _ = try organizations(of: user)
        case .user(.email(let email)): notes.take(.user(email))
        case .user(.id(let id)): _ = try user(.id(id))
        case .member(let user, let organization): _ = try member(user, of: organization)
        case .memberNamed(let email, let organization): notes.take(.member(email, of: organization))
        case .role(let name, let organization): _ = try role(name, of: organization)
        case .key(let id, let organization):
            _ = try key(id, of: organization)
            _ = try labels(of: id)
        case .quotaUse(let organization, let now): _ = try quotaUse(of: organization, now: now)
        case .session(let digest): _ = try session(withToken: digest)
        case .operatorToken(let digest): _ = try operatorToken(withToken: digest)
        case .idempotencyRecord(let claim): _ = try idempotencyRecord(claim)
        case .auditHead(let chain): _ = try auditHead(of: chain)
        }
    }
}

/// Takes down what is asked and finds nothing.
private final class Notes: Connection {
    private(set) var questions: [SQLQuestion] = []
    private(set) var exclusions: [Exclusion] = []

    func rows(_ sql: StaticString, _ arguments: [SQLValue]) -> [SQLRow] {
        take(SQLQuestion(sql, arguments))
        return []
    }

    func take(_ question: SQLQuestion) { questions.append(question) }

    func run(_ sql: StaticString, _ arguments: [SQLValue]) {}

    func exclude(_ subject: Exclusion) { exclusions.append(subject) }
}

extension SQLQuestion {
    static let userByID: StaticString =
        "SELECT id, email, name, password_hash, is_verified, is_disabled, created_at FROM person WHERE id = $1"
    static let userByEmail: StaticString =
        "SELECT id, email, name, password_hash, is_verified, is_disabled, created_at FROM person WHERE email = $1"
    static let memberByIDs: StaticString =
        "SELECT organization_id, user_id, role, grants, joined_at FROM member WHERE organization_id = $1 AND user_id = $2"

    static func user(_ email: EmailAddress) -> SQLQuestion {
        SQLQuestion(userByEmail, [.text(email)]) { SQLQuestion(userByID, [$0.values[0]]) }
    }

    fileprivate static func member(_ email: EmailAddress, of organization: OrganizationReference) -> SQLQuestion {
        let same: @Sendable (SQLRow) -> SQLQuestion = { SQLQuestion(memberByIDs, [$0.values[0], $0.values[1]]) }
        return switch organization {
        case .id(let id):
            SQLQuestion(
                """
                SELECT m.organization_id, m.user_id, m.role, m.grants, m.joined_at
                FROM member m JOIN person p ON p.id = m.user_id WHERE p.email = $1 AND m.organization_id = $2
                """, [.text(email), .text(id)], sameAs: same)
        case .slug(let slug):
            SQLQuestion(
                """
                SELECT m.organization_id, m.user_id, m.role, m.grants, m.joined_at
                FROM member m JOIN person p ON p.id = m.user_id JOIN organization o ON o.id = m.organization_id
                WHERE p.email = $1 AND o.slug = $2 AND o.deleted_at IS NULL
                """, [.text(email), .text(slug)], sameAs: same)
        }
    }
}
