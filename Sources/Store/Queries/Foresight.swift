import KeybearerAdministration
import KeybearerVerification

extension SQLRecords: ForesightRecords {
    func expect(_ questions: [Question]) throws {
        guard connection.gainsByForesight else { return }
        let notes = Notes()
        let ahead = SQLRecords(connection: notes)
        for question in questions { try ahead.ask(question) }
        try connection.expect(notes.questions, under: notes.exclusions)
    }

    /// Asks for what the answer is made of, as the questions' own methods do.
    private func ask(_ question: Question) throws {
        switch question {
        case .organization(let reference): _ = try organization(reference)
        case .organizations(let user): _ = try organizations(of: user)
        case .user(let reference): _ = try user(reference)
        case .member(let user, let organization): _ = try member(user, of: organization)
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
        questions.append(SQLQuestion(sql, arguments))
        return []
    }

    func run(_ sql: StaticString, _ arguments: [SQLValue]) {}

    func exclude(_ subject: Exclusion) { exclusions.append(subject) }
}
