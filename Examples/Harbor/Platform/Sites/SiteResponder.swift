import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// Serves what was published, on a listener of its own: `http://LABEL.DOMAIN`, an origin for each project and never the
/// console's, so that a tenant's pages can read neither its cookies nor each other's.
struct SiteResponder: HTTPResponder {
    typealias Context = BasicRequestContext

    let store: HarborStore
    let counter: RequestCounter
    let releases: URL

    func respond(to request: Request, context: Context) async throws -> Response {
        let label = (request.head.authority ?? "").prefix { $0 != "." && $0 != ":" }
        guard let (project, release) = try await store.site(label: label.lowercased()) else {
            return Self.plain(.notFound, "There is no site here.\n")
        }
        let response = answer(request, in: releases.appendingPathComponent(release), release: release)
        let bytes = request.method == .head ? 0 : response.body.contentLength ?? 0
        let path = String(request.uri.path.prefix(200)).filter { $0.isASCII && !$0.isNewline }
        counter.note(
            project, status: response.status.code, bytes: bytes,
            line: "\(request.method.rawValue) \(path) \(response.status.code) \(bytes)")
        return request.method == .head ? response.createHeadResponse() : response
    }

    private func answer(_ request: Request, in folder: URL, release: String) -> Response {
        guard request.method == .get || request.method == .head else {
            return Self.plain(.methodNotAllowed, "Sites are read only.\n")
        }
        guard let parts = Self.parts(request.uri.path) else { return missing(folder) }
        var place = parts.reduce(folder) { $0.appendingPathComponent($1) }
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: place.path, isDirectory: &isFolder) else { return missing(folder) }
        if isFolder.boolValue {
            // Relative links on the page count from the slash.
            guard request.uri.path.hasSuffix("/") else {
                return Response(status: .movedPermanently, headers: [.location: request.uri.path + "/"])
            }
            place.appendPathComponent("index.html")
        }
        guard let bytes = FileManager.default.contents(atPath: place.path) else { return missing(folder) }
        var headers = Self.headers(place.pathExtension)
        headers[.eTag] = "\"\(release)\""
        headers[.cacheControl] = "no-cache"
        if request.headers[.ifNoneMatch] == "\"\(release)\"" { return Response(status: .notModified, headers: headers) }
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// The path's parts, decoded; nil where one would leave the folder or hides.
    private static func parts(_ path: String) -> [String]? {
        var parts: [String] = []
        for raw in path.split(separator: "/") {
            guard let part = raw.removingPercentEncoding, !part.isEmpty, !part.hasPrefix("."), !part.contains("/"),
                !part.unicodeScalars.contains(where: { $0.value < 0x20 })
            else { return nil }
            parts.append(part)
        }
        return parts
    }

    private func missing(_ folder: URL) -> Response {
        guard let page = FileManager.default.contents(atPath: folder.appendingPathComponent("404.html").path) else {
            return Self.plain(.notFound, "There is no such page.\n")
        }
        return Response(
            status: .notFound, headers: Self.headers("html"), body: .init(byteBuffer: ByteBuffer(bytes: page)))
    }

    private static func plain(_ status: HTTPResponse.Status, _ text: String) -> Response {
        Response(status: status, headers: headers("txt"), body: .init(byteBuffer: ByteBuffer(string: text)))
    }

    private static func headers(_ pathExtension: String) -> HTTPFields {
        var headers: HTTPFields = [.contentType: types[pathExtension.lowercased()] ?? "application/octet-stream"]
        headers[.xContentTypeOptions] = "nosniff"
        return headers
    }

    private static let types = [
        "html": "text/html; charset=utf-8", "htm": "text/html; charset=utf-8", "css": "text/css; charset=utf-8",
        "js": "text/javascript; charset=utf-8", "json": "application/json", "txt": "text/plain; charset=utf-8",
        "svg": "image/svg+xml", "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif",
        "webp": "image/webp", "ico": "image/x-icon", "woff2": "font/woff2", "xml": "application/xml",
        "pdf": "application/pdf", "webmanifest": "application/manifest+json",
    ]
}
