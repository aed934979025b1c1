/// A language that the pages speak.
public enum Language: String, Sendable, CaseIterable {
    case english = "en"
    case spanish = "es"
    case portuguese = "pt-BR"

    /// As its speakers write it; the same on every page.
    public var ownName: String {
        switch self {
        case .english: "English"
        case .spanish: "Español"
        case .portuguese: "Português"
        }
    }

    /// The language that an `Accept-Language` field (RFC 9110, section 12.5.4) likes best; English where it names none
    /// of ours. Of equal weights the first counts.
    public init(accepting field: String) {
        var best: (weight: Double, language: Language) = (0, .english)
        for range in field.split(separator: ",").prefix(20) {
            let parts = range.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
            guard let tag = parts.first, let language = Language(tag: tag) else { continue }
            let quality = parts.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            if quality > best.weight { best = (quality, language) }
        }
        self = best.language
    }

    /// By the primary subtag: every Spanish is Spanish, every Portuguese the Brazilian one.
    private init?(tag: String) {
        switch tag.split(separator: "-").first {
        case "en", "*": self = .english
        case "es": self = .spanish
        case "pt": self = .portuguese
        default: return nil
        }
    }
}
