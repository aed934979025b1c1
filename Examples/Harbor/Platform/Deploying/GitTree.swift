import Foundation

/// The files of one commit, checked before a byte of them is written anywhere.
struct GitTree: Sendable {
    struct File: Sendable {
        let object: String
        let path: String
        let size: Int
    }

    struct Refused: Error, CustomStringConvertible {
        let description: String
    }

    let files: [File]

    var bytes: Int { files.reduce(0) { $0 + $1.size } }

    /// - Parameter listing: what `git ls-tree -r -z -l` printed: `MODE TYPE OBJECT SIZE<TAB>PATH<NUL>`.
    /// - Throws: `Refused` for submodules, symbolic links, and what is too large or oddly named.
    init(listing: Data, limits: DeployLimits) throws {
        var files: [File] = []
        var total = 0
        for entry in listing.split(separator: 0) {
            guard let text = String(validating: entry, as: UTF8.self), let tab = text.firstIndex(of: "\t") else {
                throw Refused(description: "a file's name is not UTF-8")
            }
            let fields = text[..<tab].split(separator: " ")
            let path = String(text[text.index(after: tab)...])
            guard fields.count == 4 else { throw Refused(description: "the tree cannot be read") }
            switch fields[0] {
            case "100644", "100755", "100664": break
            case "120000": throw Refused(description: "\(path) is a symbolic link: links are not accepted")
            case "160000": throw Refused(description: "\(path) is a submodule: submodules are not accepted")
            default: throw Refused(description: "\(path) is no plain file")
            }
            guard let size = Int(fields[3]), size <= limits.fileBytes else {
                throw Refused(description: "\(path) is larger than \(limits.fileBytes >> 20) MiB")
            }
            try Self.check(path)
            total += size
            files.append(File(object: String(fields[2]), path: path, size: size))
            guard files.count <= limits.files else { throw Refused(description: "more than \(limits.files) files") }
            guard total <= limits.bytes else {
                throw Refused(description: "the files are larger than \(limits.bytes >> 20) MiB")
            }
        }
        self.files = files
    }

    private static func check(_ path: String) throws {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        let isPlain = path.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f }
        let areParts = parts.allSatisfy { part in
            !part.isEmpty && part != "." && part != ".." && part.lowercased() != ".git" && part.utf8.count <= 255
        }
        guard isPlain, areParts, path.utf8.count <= 1024, parts.count <= 32 else {
            throw Refused(description: "a file's name is not accepted")
        }
    }
}
