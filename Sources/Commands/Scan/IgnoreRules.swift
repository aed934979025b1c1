import Foundation

/// `.keybearerignore`: paths that are not searched, and keys that are known.
///
/// A line is a pattern as in `.gitignore` (`*`, `?`, `**`; a leading slash ties it to the folder, a trailing one means
/// folders, `!` takes back), or `sha256:` and the digest of a key that may stay.
struct IgnoreRules: Sendable {
    private struct Pattern: Sendable {
        let text: [UInt8]
        let isNegated: Bool
        let isForFolders: Bool
    }

    static let fileName = ".keybearerignore"

    private var patterns: [Pattern] = []
    private(set) var knownKeys: Set<String> = []

    init(_ text: String = "") {
        for line in text.split(whereSeparator: \.isNewline).map({ String($0).trimmed }) {
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            if line.hasPrefix("sha256:") {
                knownKeys.insert(line.dropFirst(7).lowercased())
            } else {
                patterns.append(Self.pattern(line))
            }
        }
    }

    /// The rules of a folder; none where it has no such file.
    ///
    /// - Throws: where the file is there and cannot be read.
    init(folder: String) throws {
        let path = folder + "/" + Self.fileName
        guard FileManager.default.fileExists(atPath: path) else {
            self.init()
            return
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandFailure("\(path) cannot be read", status: .usage)
        }
        self.init(String(decoding: data, as: UTF8.self))
    }

    /// - Parameter path: relative to the folder of the rules.
    func ignores(_ path: String, isFolder: Bool) -> Bool {
        guard !patterns.isEmpty else { return false }
        let bytes = Array(path.utf8)
        var isIgnored = false
        for pattern in patterns where pattern.isNegated == isIgnored && (isFolder || !pattern.isForFolders) {
            if Self.matches(pattern.text[...], bytes[...]) { isIgnored.toggle() }
        }
        return isIgnored
    }

    private static func pattern(_ line: String) -> Pattern {
        var text = line[...]
        let isNegated = text.hasPrefix("!")
        if isNegated { text = text.dropFirst() }
        let isForFolders = text.hasSuffix("/")
        if isForFolders { text = text.dropLast() }
        // A pattern with a slash in it is tied to the folder; one without fits at any depth.
        let isTied = text.contains("/")
        if text.hasPrefix("/") { text = text.dropFirst() }
        return Pattern(
            text: Array((isTied ? "" : "**/").utf8) + Array(text.utf8), isNegated: isNegated,
            isForFolders: isForFolders)
    }

    /// `**/` is any number of folders, `*` and `?` stay within one.
    private static func matches(_ pattern: ArraySlice<UInt8>, _ path: ArraySlice<UInt8>) -> Bool {
        let (star, slash) = (UInt8(ascii: "*"), UInt8(ascii: "/"))
        guard let first = pattern.first else { return path.isEmpty }
        let rest = pattern.dropFirst()
        if first == star, rest.first == star {
            let after = rest.dropFirst()
            guard after.first == slash else { return true }
            var remaining = path
            while true {
                if matches(after.dropFirst(), remaining) { return true }
                guard let next = remaining.firstIndex(of: slash) else { return false }
                remaining = remaining[(next + 1)...]
            }
        }
        if first == star {
            var remaining = path
            while true {
                if matches(rest, remaining) { return true }
                guard let byte = remaining.first, byte != slash else { return false }
                remaining = remaining.dropFirst()
            }
        }
        guard let byte = path.first, first == byte || first == UInt8(ascii: "?") && byte != slash else { return false }
        return matches(rest, path.dropFirst())
    }
}
