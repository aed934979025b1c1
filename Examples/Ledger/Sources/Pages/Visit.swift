import Foundation
import HTTPTypes
import Hummingbird

/// One request for a page, with what its browser brought along.
struct Visit: Sendable {
    let request: Request
    let language: Language
    /// nil where nobody is signed in.
    let visitor: Visitor?

    static let cookie = "ledger"

    init(_ request: Request, _ visitor: Visitor?) {
        self.request = request
        self.visitor = visitor
        let chosen = KeyPageCookie.language.lazy.compactMap { request.cookies[$0]?.value }.first
        language =
            chosen.flatMap { Language(rawValue: $0) } ?? Language(accepting: request.headers[.acceptLanguage] ?? "")
    }

    /// Where somebody comes back to who chooses a language.
    var here: String { request.method == .get ? request.uri.description : "/" }

    func say(_ words: Words) -> String { words[language] }

    /// The fields of a form; of one that is there twice, the first.
    ///
    /// - Throws: `PageRefusal` for a form that no page of this session showed.
    func form() async throws -> [String: String] {
        let fields = try await Self.fields(request)
        guard let visitor, fields["form"] == visitor.formToken else { throw PageRefusal(.forbidden, .wrongForm) }
        return fields
    }

    /// Of the one form without a session: signing in.
    static func fields(_ request: Request) async throws -> [String: String] {
        let bytes = try await request.body.collect(upTo: 64 << 10)
        let pairs = String(decoding: bytes.readableBytesView, as: UTF8.self).split(separator: "&").map { pair in
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (plain(sides[0]), sides.count == 2 ? plain(sides[1]) : "")
        }
        return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    }

    /// What a form's encoding stands for; nothing where it is none.
    private static func plain(_ text: Substring) -> String {
        text.replacing("+", with: " ").removingPercentEncoding ?? ""
    }
}

/// Why a page is not shown.
struct PageRefusal: Error {
    let status: HTTPResponse.Status
    let words: Words

    init(_ status: HTTPResponse.Status, _ words: Words) {
        self.status = status
        self.words = words
    }
}

extension Response {
    /// Pages are for their reader alone: kept by nobody, framed by nobody, and they run no script.
    static func page(_ html: HTML, status: HTTPResponse.Status = .ok) -> Response {
        var headers: HTTPFields = [
            .contentType: "text/html; charset=utf-8", .cacheControl: "no-store",
            .contentSecurityPolicy:
                "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
            .xContentTypeOptions: "nosniff",
        ]
        if let name = HTTPField.Name("Referrer-Policy") { headers[name] = "same-origin" }
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(string: html.text)))
    }

    /// Go there with GET.
    static func onward(_ path: String) -> Response {
        Response(status: .seeOther, headers: [.location: path, .cacheControl: "no-store"])
    }
}
