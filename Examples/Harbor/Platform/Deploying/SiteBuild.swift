import Foundation
import HarborAPI

/// The build of what was fetched: it copies. Nothing of a tenant's is ever run.
struct SiteBuild: Sendable {
    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    /// `harbor.json` at the top of a repository; without it, everything is published.
    struct Manifest: Decodable {
        /// The folder that holds the pages.
        var publish: String?
        /// `copy`, the only one there is.
        var generator: String?
    }

    static let generators = ["copy"]

    let type: ProjectType
    let fetched: GitFetch.Fetched

    /// Writes the release.
    ///
    /// - Parameter tell: takes a line of the build's output.
    /// - Throws: `Failed` with the reason for whoever pushed.
    func run(into folder: URL, tell: (String) async throws -> Void) async throws {
        let manifest = try manifest()
        let generator = manifest.generator ?? "copy"
        guard Self.generators.contains(generator) else {
            throw Failed(description: "harbor.json: there is no generator of that name; there is copy")
        }
        let prefix = try prefix(manifest.publish)
        let files = fetched.tree.files.filter { $0.path.hasPrefix(prefix) && $0.path != "harbor.json" }
        guard type != .http || files.contains(where: { $0.path == prefix + "index.html" }) else {
            throw Failed(description: "there is no \(prefix)index.html: a site needs its first page")
        }
        guard !files.isEmpty else { throw Failed(description: "there is no file below \(prefix)") }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (index, file) in files.enumerated() {
            try Task.checkCancellation()
            let path = String(file.path.dropFirst(prefix.count))
            guard let bytes = fetched.bytes(of: file.path) else { throw Failed(description: "\(path) is missing") }
            let place = folder.appendingPathComponent(path)
            try FileManager.default.createDirectory(
                at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
            try bytes.write(to: place, options: .withoutOverwriting)
            if index < 50 { try await tell("copied \(path), \(file.size) bytes") }
        }
        if files.count > 50 { try await tell("copied \(files.count - 50) more files") }
    }

    private func manifest() throws -> Manifest {
        guard let bytes = fetched.bytes(of: "harbor.json") else { return Manifest() }
        do {
            return try Wire.decode(Manifest.self, bytes)
        } catch {
            throw Failed(
                description: "harbor.json cannot be read: it is {\"publish\": FOLDER, \"generator\": \"copy\"}")
        }
    }

    /// Empty, or a folder with a slash at its end.
    private func prefix(_ publish: String?) throws -> String {
        guard let publish, publish != ".", !publish.isEmpty else { return "" }
        let parts = publish.split(separator: "/")
        guard !publish.hasPrefix("/"), !parts.contains(".."), !parts.contains(".") else {
            throw Failed(description: "harbor.json: publish is a folder inside the repository")
        }
        return parts.joined(separator: "/") + "/"
    }
}
