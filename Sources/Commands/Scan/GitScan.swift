import Foundation

/// Searches what a repository keeps: every version of every file and every message, in one pass of one `git cat-file`.
struct GitScan {
    let matcher: KeyMatcher
    let rules: IgnoreRules
    /// The top of the working tree.
    let folder: String
    let progress: ProgressLine

    /// All objects, whether a branch reaches them or not: what was pushed once stays readable for who knows its name.
    func history() throws -> ScanResult {
        let total = try objectCount()
        var result = try objects(["--batch-all-objects", "--unordered"], input: nil, total: total)
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
        var paths: [String: String] = [:]
        let fields = listing.split(separator: 0)
        for (entry, path) in zip(fields, fields.dropFirst()) where entry.first == UInt8(ascii: ":") {
            let parts = entry.split(separator: 0x20)
            guard parts.count == 5, !parts[1].elementsEqual("160000".utf8) else { continue }
            paths[String(decoding: parts[3], as: UTF8.self)] = String(decoding: path, as: UTF8.self)
        }
        let wanted = paths.filter { !rules.ignores($0.value, isFolder: false) }
        guard !wanted.isEmpty else { return ScanResult() }
        var result = try objects([], input: wanted.keys.joined(separator: "\n") + "\n", total: wanted.count)
        for index in result.findings.indices {
            result.findings[index].path = result.findings[index].object.flatMap { wanted[$0] }
        }
        return result
    }

    private func objects(_ arguments: [String], input: String?, total: Int) throws -> ScanResult {
        let git = try Git(["cat-file", "--batch", "--buffer"] + arguments, in: folder, input: input)
        let stream = ObjectStream(git.output)
        let search = ChunkedSearch(matcher)
        var result = ScanResult()
        while let header = try stream.next() {
            guard header.kind == "blob" || header.kind == "commit" || header.kind == "tag" else { continue }
            var hits: [(Int, [UInt8], String)] = []
            _ = search.run {
                stream.read(into: $0, $1)
            } found: {
                hits.append(($0, $1, $2))
            }
            result.files += 1
            result.bytes += header.size
            progress.update(done: Int64(result.files), of: Int64(max(total, result.files) + 1))
            for (offset, key, prefix) in hits {
                var finding = Finding(
                    path: nil, object: header.name, line: nil, column: offset, key: key, prefix: prefix)
                if header.kind == "commit" { (finding.commit, finding.path) = (header.name, "commit message") }
                result.findings.append(finding)
            }
        }
        try git.finish()
        progress.update(done: 1, of: 1)
        try placeLines(&result)
        return result
    }

    /// Lines of the few objects in which something was found.
    private func placeLines(_ result: inout ScanResult) throws {
        let names = Set(result.findings.compactMap(\.object))
        guard !names.isEmpty else { return }
        let git = try Git(["cat-file", "--batch", "--buffer"], in: folder, input: names.joined(separator: "\n") + "\n")
        let stream = ObjectStream(git.output)
        var lines: [String: LineIndex] = [:]
        while let header = try stream.next() { lines[header.name] = LineIndex(stream.contents()) }
        try git.finish()
        for index in result.findings.indices {
            let finding = result.findings[index]
            guard let name = finding.object, let offset = finding.column else { continue }
            let place = lines[name]?.place(of: offset)
            result.findings[index].line = place?.line
            result.findings[index].column = place?.column
        }
    }

    private func objectCount() throws -> Int {
        let text = String(decoding: try Git.output(["count-objects", "-v"], in: folder), as: UTF8.self)
        return text.split(separator: "\n").filter { $0.hasPrefix("count:") || $0.hasPrefix("in-pack:") }
            .compactMap { Int($0.split(separator: " ").last ?? "") }.reduce(0, +)
    }

    /// The first commit that has each object, and its path there.
    private func origins(of objects: Set<String>) throws -> [String: (commit: String, path: String)] {
        let log = try Git.output(
            [
                "-c", "core.quotePath=false", "log", "--all", "--reverse", "--raw", "--no-abbrev", "--no-renames", "-m",
                "--root", "--format=commit %H",
            ], in: folder)
        var origins: [String: (commit: String, path: String)] = [:]
        var commit = ""
        for line in log.split(separator: 0x0a) {
            if line.first == UInt8(ascii: ":") {
                let halves = line.split(separator: 0x09, maxSplits: 1)
                let parts = halves[0].split(separator: 0x20)
                guard halves.count == 2, parts.count == 5 else { continue }
                let object = String(decoding: parts[3], as: UTF8.self)
                guard objects.contains(object), origins[object] == nil else { continue }
                origins[object] = (commit, String(decoding: halves[1], as: UTF8.self))
            } else if line.starts(with: "commit ".utf8) {
                commit = String(decoding: line.dropFirst(7), as: UTF8.self)
            }
        }
        return origins
    }
}
