import Foundation
import Synchronization

/// Searches the objects that it is told of with all cores: one `git cat-file` a core, however many objects there are.
final class ObjectSearch {
    /// Objects that lie beside each other in a pack are made of each other: they go to the same process.
    private static let runLength = 1024

    private let shares: [ObjectShare]
    private let done: ObjectProgress
    private var given = 0

    /// - Parameter total: how many objects there are, for the progress bar.
    init(_ matcher: KeyMatcher, in folder: String, progress: ProgressLine, total: Int) throws {
        let done = ObjectProgress(progress, total: total)
        self.done = done
        let cores = max(1, min(ProcessInfo.processInfo.activeProcessorCount, total / Self.runLength + 1))
        shares = try (0..<cores).map { _ in try ObjectShare(matcher, in: folder, done) }
    }

    /// - Parameter name: of an object, in hex.
    func add(_ name: ArraySlice<UInt8>) {
        shares[given / Self.runLength % shares.count].add(name)
        given += 1
    }

    /// Counts an object that needs no search.
    func pass() { done.count() }

    /// - Throws: `CommandFailure` where one of the processes failed.
    func finish() throws -> ScanResult {
        for share in shares { share.close() }
        var result = ScanResult()
        for share in shares { result.add(try share.finish()) }
        done.finish()
        return result
    }
}

/// One process and the thread that reads what it prints.
private final class ObjectShare: @unchecked Sendable {
    private let git: Git
    private let input: FileHandle
    private let done: ObjectProgress
    private let ended = DispatchSemaphore(value: 0)
    private var names: [UInt8] = []
    /// Written by the thread before `ended` is signalled, read afterwards.
    private var outcome: Result<ScanResult, any Error> = .success(ScanResult())

    init(_ matcher: KeyMatcher, in folder: String, _ done: ObjectProgress) throws {
        let pipe = Pipe()
        // Git must not inherit the end that is written to: it would wait for itself to close it.
        _ = fcntl(pipe.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
        git = try Git(["cat-file", "--batch", "--buffer"], in: folder, reading: pipe.fileHandleForReading)
        input = pipe.fileHandleForWriting
        self.done = done
        try pipe.fileHandleForReading.close()
        let thread = Thread { [self] in
            outcome = Result { try read(ChunkedSearch(matcher)) }
            ended.signal()
        }
        thread.stackSize = 1 << 20
        thread.start()
    }

    func add(_ name: ArraySlice<UInt8>) {
        names += name
        names.append(0x0a)
        if names.count >= 1 << 15 { give() }
    }

    func close() {
        give()
        // What could not be closed is closed with the process.
        do { try input.close() } catch { return }
    }

    private func give() {
        guard !names.isEmpty else { return }
        // Where git has ended it says why itself, in `finish`.
        do { try input.write(contentsOf: Data(names)) } catch { names = [] }
        names.removeAll(keepingCapacity: true)
    }

    func finish() throws -> ScanResult {
        ended.wait()
        try git.finish()
        return try outcome.get()
    }

    private func read(_ search: ChunkedSearch) throws -> ScanResult {
        let stream = ObjectStream(git.output)
        var result = ScanResult()
        while let header = try stream.next() {
            var hits: [(Int, [UInt8], String)] = []
            _ = search.run {
                stream.read(into: $0, $1)
            } found: {
                hits.append(($0, $1, $2))
            }
            result.files += 1
            result.bytes += header.size
            done.count()
            for (offset, key, prefix) in hits {
                var finding = Finding(
                    path: nil, object: header.name, line: nil, column: offset, key: key, prefix: prefix)
                if header.kind == "commit" { (finding.commit, finding.path) = (header.name, "commit message") }
                result.findings.append(finding)
            }
        }
        return result
    }
}

/// How far all shares have come together.
private final class ObjectProgress: Sendable {
    private let done = Atomic(0)
    private let total: Int
    private let progress: ProgressLine

    init(_ progress: ProgressLine, total: Int) {
        self.progress = progress
        self.total = total
    }

    func count() {
        let done = done.add(1, ordering: .relaxed).newValue
        if done % 256 == 0 { progress.update(done: Int64(done), of: Int64(max(total, done) + 1)) }
    }

    func finish() { progress.update(done: 1, of: 1) }
}
