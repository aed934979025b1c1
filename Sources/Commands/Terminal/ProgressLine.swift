import Foundation

/// A line of progress on standard error, only where somebody watches.
public final class ProgressLine: @unchecked Sendable {
    private let label: String
    /// Only the lock's holder touches it.
    private var last = -1
    private let lock = NSLock()
    private let isShown: Bool

    public init(_ label: String) {
        self.label = label
        isShown = isatty(2) == 1 && !Terminal.isQuiet
    }

    public func update(done: Int64, of total: Int64) {
        guard isShown, total > 0 else { return }
        lock.withLock {
            let percent = Int(done * 100 / total)
            guard percent != last else { return }
            last = percent
            let filled = String(repeating: "█", count: percent / 4)
            let rest = String(repeating: "░", count: 25 - percent / 4)
            FileHandle.standardError.write(Data("\r\(label) \(filled)\(rest) \(percent) %".utf8))
            if percent == 100 { FileHandle.standardError.write(Data("\n".utf8)) }
        }
    }
}
