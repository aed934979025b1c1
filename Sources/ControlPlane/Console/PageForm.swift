import Foundation
import KeybearerAdministration
import KeybearerVerification

/// What a page's form sent, or its query: names may repeat, as check boxes do.
struct PageForm: Sendable {
    let fields: [(name: String, value: String)]

    static let empty = PageForm(fields: [])

    init(fields: [(name: String, value: String)]) { self.fields = fields }

    /// - Throws: 415 for a body that is no form, 400 where it does not decode.
    init(_ call: Call) throws(Refusal) {
        let media = try call.fields.single("content-type") ?? ""
        let isForm = media.lowercased().split(separator: ";").first == "application/x-www-form-urlencoded"
        guard isForm || call.body.isEmpty else {
            throw Refusal(415, "unsupported_media_type", "Send the form as a browser does.")
        }
        try self.init(encoded: call.body)
    }

    init(query: String?) throws(Refusal) { try self.init(encoded: Array((query ?? "").utf8)) }

    init(encoded bytes: [UInt8]) throws(Refusal) {
        var fields: [(name: String, value: String)] = []
        for pair in bytes.split(separator: UInt8(ascii: "&")) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decoded(parts[0]), let value = parts.count == 2 ? Self.decoded(parts[1]) : "",
                fields.count < 1000
            else { throw .malformed("The form is not form-encoded UTF-8.") }
            fields.append((name, value))
        }
        self.fields = fields
    }

    private static func decoded(_ bytes: some Collection<UInt8>) -> String? {
        guard let bytes = PercentEncoding.decoded(bytes.map { $0 == UInt8(ascii: "+") ? 0x20 : $0 }) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    /// The first value of that name, empty where there is none.
    subscript(_ name: String) -> String { fields.first { $0.name == name }?.value ?? "" }

    func has(_ name: String) -> Bool { fields.contains { $0.name == name } }

    func all(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }

    /// What a person typed into one line: without white space around it and in Unicode's composed form, which some
    /// keyboards do not send and which names are kept in.
    func line(_ name: String) -> String {
        self[name].trimmingCharacters(in: .whitespacesAndNewlines).precomposedStringWithCanonicalMapping
    }

    /// The lines of a text area that hold anything.
    func lines(_ name: String) -> [String] {
        self[name].split(whereSeparator: \.isNewline)
            .map { $0.trimmingCharacters(in: .whitespaces).precomposedStringWithCanonicalMapping }
            .filter { !$0.isEmpty }
    }

    /// The form as its own page would send it once more, without what belongs to one session or must not be kept.
    var keepable: [(name: String, value: String)] {
        let left: Set = ["csrf", "password", "current", "new", "text", "kept_action", "kept_fields"]
        return fields.filter { !left.contains($0.name) }
    }

    static func encoded(_ fields: [(name: String, value: String)]) -> String {
        fields.map { "\(PercentEncoding.encoded($0.name))=\(PercentEncoding.encoded($0.value))" }
            .joined(separator: "&")
    }
}

/// A path of this site to go on to; whatever could lead elsewhere is not one.
struct LocalPath: Sendable {
    let text: String

    init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count <= 2000, bytes.first == UInt8(ascii: "/"), bytes.dropFirst().first != UInt8(ascii: "/"),
            bytes.allSatisfy({ (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "\\") && $0 != UInt8(ascii: "#") }),
            RequestTarget(bytes) != nil
        else { return nil }
        self.text = text
    }
}
