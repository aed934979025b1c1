/// One text in every language: leaving one out does not compile.
public struct Text: Sendable, Hashable {
    let english: String
    let spanish: String
    let portuguese: String

    init(_ english: String, _ spanish: String, _ portuguese: String) {
        self.english = english
        self.spanish = spanish
        self.portuguese = portuguese
    }

    public subscript(_ language: Language) -> String {
        switch language {
        case .english: english
        case .spanish: spanish
        case .portuguese: portuguese
        }
    }

    /// The text with `{name}` replaced by its value.
    public func callAsFunction(_ language: Language, _ values: [String: String]) -> String {
        var rest = Substring(self[language])
        var result = ""
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            let name = String(rest[rest.index(after: open)..<close])
            result += rest[..<open]
            // A value never holds a place of its own: what people wrote stays as it is.
            result += values[name] ?? String(rest[open...close])
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }
}

/// A text that counts something: one form for 1, another for every other number, in which `{n}` is the number.
public struct Counted: Sendable, Hashable {
    let one: Text
    let other: Text

    init(_ one: Text, _ other: Text) {
        self.one = one
        self.other = other
    }

    public func callAsFunction(_ language: Language, _ count: Int) -> String {
        (count == 1 ? one : other)(language, ["n": Formats(language).number(count)])
    }
}

/// Texts that belong together. Every stored property is a text: templates name it `t.GROUP.PROPERTY`.
protocol TextGroup: Sendable {}

extension TextGroup {
    /// The properties that are plain texts, by name.
    var texts: [(name: String, text: Text)] {
        Mirror(reflecting: self).children.compactMap { child in
            guard let name = child.label, let text = child.value as? Text else { return nil }
            return (name, text)
        }
    }
}

/// Everything that the pages say.
public struct Catalogue: Sendable {
    public static let all = Catalogue()

    public let common = CommonTexts()
    public let entry = EntryTexts()
    public let account = AccountTexts()
    public let keys = KeyTexts()
    public let form = KeyFormTexts()
    public let key = KeyPageTexts()
    public let review = ReviewTexts()
    public let people = PeopleTexts()
    public let organization = OrganizationTexts()
    public let audit = AuditTexts()
    public let action = ActionTexts()
    public let failure = FailureTexts()
    public let help = HelpTexts()
    public let guide = GuideTexts()
    public let time = TimeTexts()

    /// The groups by the names that templates use.
    var groups: [(name: String, group: any TextGroup)] {
        Mirror(reflecting: self).children.compactMap { child in
            guard let name = child.label, let group = child.value as? any TextGroup else { return nil }
            return (name, group)
        }
    }

    /// What a template sees as `t`.
    func dictionary(_ language: Language) -> [String: [String: String]] {
        var result: [String: [String: String]] = [:]
        for (name, group) in groups {
            result[name] = Dictionary(group.texts.map { ($0.name, $0.text[language]) }, uniquingKeysWith: { $1 })
        }
        return result
    }
}
