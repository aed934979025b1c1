import Foundation

/// What a search came to.
struct ScanResult: Sendable {
    var findings: [Finding] = []
    /// What could not be read.
    var unreadable: [String] = []
    var files = 0
    var bytes = 0

    mutating func add(_ other: ScanResult) {
        findings += other.findings
        unreadable += other.unreadable
        files += other.files
        bytes += other.bytes
    }
}

/// Searches files and folders with all cores. Symbolic links are not followed, and `.git` is left to `--git`.
final class FileScan: @unchecked Sendable {
    private enum Work {
        case folder(String)
        /// Within one folder.
        case files([String])
        /// The keys that begin within the range.
        case part(String, Range<Int>)
    }

    /// A file above this is searched by several threads.
    private static let partSize = 32 << 20

    private let matcher: KeyMatcher
    private let rules: IgnoreRules
    private let root: String
    private let here = FileManager.default.currentDirectoryPath + "/"
    private let progress: ProgressLine
    // Guarded by `condition`.
    private let condition = NSCondition()
    private var waiting: [Work] = []
    private var atWork = 0
    private var result = ScanResult()
    private var filesKnown = 0
    private var filesDone = 0

    /// - Parameter root: the folder that rules are relative to.
    init(_ matcher: KeyMatcher, rules: IgnoreRules, root: String, progress: ProgressLine) {
        self.matcher = matcher
        self.rules = rules
        self.root = root.hasSuffix("/") ? root : root + "/"
        self.progress = progress
    }

    /// - Throws: `CommandFailure` for a path that is not there.
    func run(_ paths: [String]) throws -> ScanResult {
        for path in paths {
            var facts = stat()
            guard stat(path, &facts) == 0 else { throw CommandFailure("there is no \(path)", status: .usage) }
            give([facts.st_mode & S_IFMT == S_IFDIR ? .folder(path) : .files([path])])
        }
        let group = DispatchGroup()
        for _ in 0..<max(1, ProcessInfo.processInfo.activeProcessorCount) {
            group.enter()
            let thread = Thread { [self] in
                work()
                group.leave()
            }
            thread.stackSize = 1 << 20
            thread.start()
        }
        group.wait()
        progress.update(done: 1, of: 1)
        return result
    }

    private func work() {
        let search = ChunkedSearch(matcher)
        var own = ScanResult()
        while let next = take() {
            var files = 0
            switch next {
            case .folder(let path): list(path, &own)
            case .files(let paths):
                for path in paths { scan(path, search, &own) }
                files = paths.count
            case .part(let path, let range): scan(path, range, search, &own)
            }
            finish(files: files)
        }
        condition.withLock { result.add(own) }
    }

    private func take() -> Work? {
        condition.withLock {
            while waiting.isEmpty && atWork > 0 { condition.wait() }
            guard let next = waiting.popLast() else { return nil }
            atWork += 1
            return next
        }
    }

    private func finish(files: Int) {
        condition.withLock {
            atWork -= 1
            filesDone += files
            progress.update(done: Int64(filesDone), of: Int64(filesKnown + 1))
            if waiting.isEmpty && atWork == 0 { condition.broadcast() }
        }
    }

    private func give(_ work: [Work]) {
        guard !work.isEmpty else { return }
        condition.withLock {
            waiting += work
            for case .files(let paths) in work { filesKnown += paths.count }
            condition.broadcast()
        }
    }

    private func list(_ path: String, _ own: inout ScanResult) {
        guard let folder = opendir(path) else {
            own.unreadable.append(path)
            return
        }
        defer { closedir(folder) }
        var work: [Work] = []
        var files: [String] = []
        while let entry = readdir(folder) {
            let name = Self.name(of: entry)
            guard name != ".", name != ".." else { continue }
            let child = path.hasSuffix("/") ? path + name : "\(path)/\(name)"
            switch Self.kind(of: entry, child) {
            case .folder where name != ".git" && !rules.ignores(ruled(child), isFolder: true):
                work.append(.folder(child))
            case .file where !rules.ignores(ruled(child), isFolder: false):
                files.append(child)
                if files.count == 64 {
                    work.append(.files(files))
                    files = []
                }
            case .folder, .file, .other: continue
            }
        }
        if !files.isEmpty { work.append(.files(files)) }
        give(work)
    }

    private func scan(_ path: String, _ search: ChunkedSearch, _ own: inout ScanResult) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        var facts = stat()
        guard descriptor >= 0, fstat(descriptor, &facts) == 0 else {
            if descriptor >= 0 { close(descriptor) }
            own.unreadable.append(path)
            return
        }
        defer { close(descriptor) }
        guard facts.st_mode & S_IFMT == S_IFREG else { return }
        own.files += 1
        let size = Int(facts.st_size)
        guard size <= Self.partSize else {
            give(
                stride(from: 0, to: size, by: Self.partSize).map { start in
                    .part(path, start..<min(size, start + Self.partSize))
                })
            return
        }
        read(descriptor, path, 0..<size, of: size, search, &own)
    }

    private func scan(_ path: String, _ range: Range<Int>, _ search: ChunkedSearch, _ own: inout ScanResult) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        var facts = stat()
        guard descriptor >= 0, fstat(descriptor, &facts) == 0 else {
            if descriptor >= 0 { close(descriptor) }
            own.unreadable.append(path)
            return
        }
        defer { close(descriptor) }
        read(descriptor, path, range, of: Int(facts.st_size), search, &own)
    }

    private func read(
        _ descriptor: Int32, _ path: String, _ range: Range<Int>, of size: Int, _ search: ChunkedSearch,
        _ own: inout ScanResult
    ) {
        var position = range.lowerBound
        let end = min(size, range.upperBound + matcher.longest - 1)
        var hits: [(Int, [UInt8], String)] = []
        let isRead = search.run { pointer, room in
            guard position < end else { return 0 }
            let count = pread(descriptor, pointer, min(room, end - position), off_t(position))
            position += max(0, count)
            return count
        } found: {
            if range.contains($0 + range.lowerBound) { hits.append(($0 + range.lowerBound, $1, $2)) }
        }
        own.bytes += min(position, range.upperBound) - range.lowerBound
        if !isRead { own.unreadable.append(path) }
        guard !hits.isEmpty else { return }
        var counter = PlaceCounter()
        for (offset, key, prefix) in hits {
            counter.advance(to: offset, in: descriptor)
            own.findings.append(
                Finding(path: shown(path), line: counter.line, column: counter.column, key: key, prefix: prefix))
        }
    }

    /// As the rules see it: relative to the root where it lies below it.
    private func ruled(_ path: String) -> String {
        var path = path[...]
        if path.hasPrefix(root) { path = path.dropFirst(root.count) }
        while path.hasPrefix("./") { path = path.dropFirst(2) }
        return String(path)
    }

    /// As the one who asked can open it: what was named, and what lies below the current folder relative to it.
    private func shown(_ path: String) -> String {
        var path = path[...]
        if path.hasPrefix(here) { path = path.dropFirst(here.count) }
        while path.hasPrefix("./") { path = path.dropFirst(2) }
        return String(path)
    }

    private enum Kind { case file, folder, other }

    private static func kind(of entry: UnsafeMutablePointer<dirent>, _ path: String) -> Kind {
        switch Int32(entry.pointee.d_type) {
        case Int32(DT_REG): return .file
        case Int32(DT_DIR): return .folder
        case Int32(DT_UNKNOWN):
            // Some file systems do not say.
            var facts = stat()
            guard lstat(path, &facts) == 0 else { return .other }
            return facts.st_mode & S_IFMT == S_IFREG ? .file : facts.st_mode & S_IFMT == S_IFDIR ? .folder : .other
        default: return .other
        }
    }

    private static func name(of entry: UnsafeMutablePointer<dirent>) -> String {
        withUnsafePointer(to: &entry.pointee.d_name) { pointer in
            pointer.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: pointer.pointee)) {
                String(cString: $0)
            }
        }
    }
}
