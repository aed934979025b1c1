import Foundation
import Testing

@testable import KeybearerConsole

/// Texts, templates and the Swift that shows them, compared with each other.
@Suite struct `The catalogue of texts` {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Every text with the name by which templates call it.
    private static let texts = Catalogue.all.groups.flatMap { group in
        group.group.texts.map { (name: "\(group.name).\($0.name)", text: $0.text) }
    }

    private static func sources(_ folder: String, _ ending: String) throws -> String {
        let place = root.appendingPathComponent(folder)
        let files = try #require(FileManager.default.enumerator(atPath: place.path)?.allObjects as? [String])
        return try files.filter { $0.hasSuffix(ending) }
            .map { try String(contentsOf: place.appendingPathComponent($0), encoding: .utf8) }.joined(separator: "\n")
    }

    @Test func `no text is empty, in any language`() {
        #expect(Self.texts.count > 300)
        for (name, text) in Self.texts {
            for language in Language.allCases { #expect(!text[language].isEmpty, "\(name) in \(language)") }
        }
    }

    @Test func `a text has the same places for values in every language`() {
        func places(_ text: String) -> Set<String> { Set(text.matches(of: #/\{[a-z]+\}/#).map { String($0.output) }) }
        for (name, text) in Self.texts {
            let wanted = places(text.english)
            for language in Language.allCases { #expect(places(text[language]) == wanted, "\(name) in \(language)") }
        }
    }

    @Test func `templates ask for no text that is missing`() throws {
        let known = Set(Self.texts.map(\.name))
        for (template, bytes) in Templates.sources {
            let text = String(decoding: bytes, as: UTF8.self)
            for match in text.matches(of: #/\{\{\{?[#^&]?t\.([A-Za-z0-9.]+)/#) {
                #expect(known.contains(String(match.output.1)), "\(template) asks for \(match.output.1)")
            }
        }
    }

    @Test func `no text is unused`() throws {
        let templates = try Self.sources("Sources/Console/Templates", ".mustache")
        let swift =
            try Self.sources("Sources/ControlPlane/Console", ".swift") + Self.sources("Sources/Console", ".swift")
        let counted = Catalogue.all.groups.flatMap { group in
            Mirror(reflecting: group.group).children.compactMap {
                $0.value is Counted ? "\(group.name).\($0.label ?? "")" : nil
            }
        }
        for name in Self.texts.map(\.name) + counted {
            let property = name.split(separator: ".").last ?? ""
            let isUsed =
                templates.contains("t.\(name)}") || swift.contains("\\.\(name)")
                || swift.contains("\\Catalogue.\(name)")
                || swift.contains("help.\(property)") && name.hasPrefix("help.")
                || swift.contains("guide.\(property)") && name.hasPrefix("guide.")
                || swift.contains("words.\(property)") && name.hasPrefix("time.")
            #expect(isUsed, "\(name) is not used")
        }
    }

    @Test func `every template file is in the list, and every name of the list is a file`() throws {
        let folder = Self.root.appendingPathComponent("Sources/Console/Templates").path
        let files = try FileManager.default.contentsOfDirectory(atPath: folder).map {
            $0.replacing(".mustache", with: "")
        }
        #expect(Set(files) == Set(Templates.sources.map(\.name)))
        _ = try Templates()
    }

    @Test func `what people wrote is never read as a place for a value`() {
        let text = Text("{name} of {organization}", "{name} de {organization}", "{name} de {organization}")
        #expect(text(.english, ["name": "{organization}", "organization": "Tern"]) == "{organization} of Tern")
    }
}
