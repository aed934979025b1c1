import Foundation

/// Searches what a repository keeps: every version of every file and every message.
struct GitScan {
    let matcher: KeyMatcher
    let rules: IgnoreRules
    /// The top of the working tree.
    let folder: String
    let progress: ProgressLine

    /// All objects, whether a branch reaches them or not: what was pushed once stays readable for who knows its name.
    func history() throws -> ScanResult {
        let search = try ObjectSearch(matcher, in: folder, progress: progress, total: try objectCount())
        let listing = try Git(
            [
                "cat-file", "--batch-all-objects", "--unordered", "--buffer",
                "--batch-check=%(objecttype) %(objectname)",
            ],
            in: folder)
        let lines = TokenStream(listing.output, separator: UInt8(ascii: "\n"))
        while let line = lines.next() {
            // Folders hold names alone; nothing unpacks them.
            guard !line.starts(with: "tree ".utf8), let space = line.firstIndex(of: 0x20) else {
                search.pass()
                continue
            }
            search.add(line[(space + 1)...])
        }
        var result = try search.finish()
        try listing.finish()
        try placeLines(&result)
        guard !result.findings.isEmpty else { return result }
        let origins = try origins(of: Set(result.findings.compactMap(\.object)))
        result.findings = result.findings.compactMap { finding in
            var finding = finding
            if let object = finding.object, let origin = origins[object] {
                finding.commit = origin.commit
                finding.path = origin.path
                if rules.ignores(origin.path, isFolder: false) { return nil }
            }
            return finding
        }
        return result
    }

    /// What would be committed now, as the index has it.
    func staged() throws -> ScanResult {
        let listing = try Git.output(
            ["diff", "--cached", "--raw", "-z", "--no-abbrev", "--no-renames", "--diff-filter=AMT"], in: folder)
        var paths: [[UInt8]: String] = [:]
        let fields = listing.split(separator: 0)
        for (entry, path) in zip(fields, fields.dropFirst()) where entry.first == UInt8(ascii: ":") {
            let parts = entry.split(separator: 0x20)
            guard parts.count == 5, !parts[1].elementsEqual("160000".utf8) else { continue }
            paths[Array(parts[3])] = String(decoding: path, as: UTF8.self)
        }
        let wanted = paths.filter { !rules.ignores($0.value, isFolder: false) }
        guard !wanted.isEmpty else { return ScanResult() }
        let search = try ObjectSearch(matcher, in: folder, progress: progress, total: wanted.count)
        for name in wanted.keys { search.add(name[...]) }
        var result = try search.finish()
        try placeLines(&result)
        for index in result.findings.indices {
            result.findings[index].path = result.findings[index].object.flatMap { wanted[Array($0.utf8)] }
        }
        return result
    }

    /// Lines and columns in the few objects in which something was found; until then a finding's column is its offset.
    private func placeLines(_ result: inout ScanResult) throws {
        let found = Dictionary(grouping: result.findings.indices) { result.findings[$0].object ?? "" }
        guard !found.isEmpty else { return }
        let git = try Git(
            ["cat-file", "--batch", "--buffer"], in: folder, input: found.keys.joined(separator: "\n") + "\n")
        let stream = ObjectStream(git.output)
        while let header = try stream.next() {
            let contents = stream.contents()
            var counter = PlaceCounter()
            for index in (found[header.name] ?? []).sorted(by: {
                (result.findings[$0].column ?? 0) < (result.findings[$1].column ?? 0)
            }) {
                counter.advance(to: result.findings[index].column ?? 0, in: contents)
                result.findings[index].line = counter.line
                result.findings[index].column = counter.column
            }
        }
        try git.finish()
    }

    private func objectCount() throws -> Int {
        let text = String(decoding: try Git.output(["count-objects", "-v"], in: folder), as: UTF8.self)
        return text.split(separator: "\n").filter { $0.hasPrefix("count:") || $0.hasPrefix("in-pack:") }
            .compactMap { Int($0.split(separator: " ").last ?? "") }.reduce(0, +)
    }

    /// The first commit that has each object, and its path there.
    private func origins(of objects: Set<String>) throws -> [String: (commit: String, path: String)] {
        let git = try Git(
            [
                "log", "-z", "--all", "--reverse", "--raw", "--no-abbrev", "--no-renames", "-m", "--root",
                "--format=commit %H",
            ], in: folder)
        let tokens = TokenStream(git.output, separator: 0)
        var origins: [String: (commit: String, path: String)] = [:]
        var commit = ""
        while let token = tokens.next() {
            // git puts a line's end before the first entry of a commit.
            let text = token.drop { $0 == 0x0a }
            guard text.first == UInt8(ascii: ":") else {
                if text.starts(with: "commit ".utf8) { commit = String(decoding: text.dropFirst(7), as: UTF8.self) }
                continue
            }
            let parts = text.split(separator: 0x20)
            guard let path = tokens.next(), parts.count == 5 else { continue }
            let object = String(decoding: parts[3], as: UTF8.self)
            guard objects.contains(object), origins[object] == nil else { continue }
            origins[object] = (commit, String(decoding: path, as: UTF8.self))
        }
        try git.finish()
        return origins
    }
}
