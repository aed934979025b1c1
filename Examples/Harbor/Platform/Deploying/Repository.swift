import Foundation

/// Where deployments may come from: https at the hosts that the operator named, and folders below one root.
public struct RepositoryRules: Sendable {
    /// `github.com`, `git.example:8443`; in lower case. A host without a port is reached at 443 alone.
    public var hosts: Set<String>
    /// A file of the certificate authorities that sign for those hosts; nil for the system's.
    public var authorities: String?
    /// Where `local:NAME` is; nil for nowhere.
    public var root: String?

    public init(hosts: Set<String>, authorities: String? = nil, root: String?) {
        self.hosts = hosts
        self.authorities = authorities
        self.root = root
    }

    /// What git may be given, and by which transport alone.
    struct Remote: Sendable, Equatable {
        let url: String
        let transport: String
        /// A file of certificate authorities; nil for the system's.
        var authorities: String?
    }

    /// - Throws: `HarborError` `repository_not_accepted` for everything else.
    func remote(_ text: String) throws -> Remote {
        if text.hasPrefix("local:") { return try local(String(text.dropFirst(6))) }
        guard text.utf8.count <= 500, text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }),
            let url = URLComponents(string: text), url.scheme == "https", let host = url.host?.lowercased(),
            url.user == nil, url.password == nil, url.query == nil, url.fragment == nil, url.path.count > 1,
            hosts.contains(url.port.map { "\(host):\($0)" } ?? host)
        else {
            throw refusal("is https://HOST/PATH at \(hosts.sorted().joined(separator: ", ")), or local:NAME")
        }
        return Remote(url: text, transport: "https", authorities: authorities)
    }

    private func local(_ name: String) throws -> Remote {
        guard let root else { throw refusal("cannot be local here") }
        let isName = name.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
                || "._-".utf8.contains(byte)
        }
        guard isName, (1...100).contains(name.utf8.count), name.first != ".", name.first != "-" else {
            throw refusal("is local:NAME, of letters, digits, dots and dashes")
        }
        let top = URL(fileURLWithPath: root).resolvingSymlinksInPath().path
        let place = URL(fileURLWithPath: root).appendingPathComponent(name).resolvingSymlinksInPath().path
        // A link inside the root may lead anywhere.
        guard place.hasPrefix(top + "/") else { throw refusal("leaves the folder of local repositories") }
        return Remote(url: "file://\(place)", transport: "file")
    }

    private func refusal(_ words: String) -> HarborError {
        HarborError(422, "repository_not_accepted", "A repository \(words).")
    }
}

/// A branch's name as git allows it (git-check-ref-format), and never one that could be read as an option.
enum BranchName {
    static func check(_ name: String) throws {
        let bytes = Array(name.utf8)
        let isPlain = bytes.allSatisfy { (0x21...0x7e).contains($0) && !"~^:?*[\\".utf8.contains($0) }
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        let areParts = parts.allSatisfy { !$0.isEmpty && !$0.hasPrefix(".") && !$0.hasSuffix(".lock") }
        guard isPlain, areParts, (1...200).contains(bytes.count), !name.hasPrefix("-"), !name.hasSuffix("."),
            !name.contains(".."), !name.contains("@{"), name != "@"
        else { throw HarborError(422, "invalid_branch", "That is no name of a branch.") }
    }
}
