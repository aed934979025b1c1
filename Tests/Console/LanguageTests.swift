import KeybearerVerification
import Testing

@testable import KeybearerConsole

@Suite struct `Languages` {
    @Test(arguments: [
        ("", Language.english), ("es", .spanish), ("es-MX,es;q=0.9,en;q=0.8", .spanish), ("pt-BR", .portuguese),
        ("pt-PT,pt;q=0.8", .portuguese), ("de,fr;q=0.9", .english), ("de, es;q=0.1", .spanish),
        ("en;q=0.2, pt;q=0.7", .portuguese), ("es;q=0", .english), ("*", .english), ("nonsense;q=x,es", .spanish),
    ])
    func `Accept-Language chooses the language that is liked best`(field: String, language: Language) {
        #expect(Language(accepting: field) == language)
    }

    @Test func `numbers, dates and spans are written as each language writes them`() throws {
        let now = try #require(Timestamp(rfc3339: "2026-11-21T02:10:30Z"))
        let then = now.adding(seconds: -3 * 3600)
        #expect(Language.allCases.map { Formats($0).number(1_234_567) } == ["1,234,567", "1.234.567", "1.234.567"])
        #expect(
            Language.allCases.map { Formats($0).moment(now) } == [
                "21 Nov 2026, 02:10 UTC", "21 nov 2026, 02:10 UTC", "21 de nov. de 2026, 02:10 UTC",
            ])
        #expect(
            Language.allCases.map { Formats($0).relative(then, to: now) } == [
                "3 hours ago", "hace 3 horas", "há 3 horas",
            ]
        )
        #expect(Formats(.english).relative(now.adding(seconds: 86_400), to: now) == "in 1 day")
        #expect(Formats(.english).relative(now.adding(seconds: 20), to: now) == "just now")
    }
}
