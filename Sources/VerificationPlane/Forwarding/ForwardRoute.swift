import KeybearerVerification

/// Which permission a forwarded request needs, by its method and path: `GET /v1/projects/{id}/deploy` needs
/// `project/{id}:deploy`.
///
/// The first route whose method and path match decides, even where what it captured cannot be part of a permission:
/// then nothing is permitted, and no later route is asked.
public struct ForwardRoute: Sendable {
    private enum Segment: Sendable, Equatable {
        case literal([UInt8])
        case capture(name: [UInt8])
    }

    private enum Requirement: Sendable {
        case fixed(Permission)
        /// The permission's text around what the segment captured.
        case captured(segment: Int, before: [UInt8], after: [UInt8])
    }

    /// nil for `*`, any method.
    private let method: [UInt8]?
    private let segments: [Segment]
    private let requirement: Requirement

    /// nil where the method is neither a token of HTTP nor `*`, the path does not start with a slash or has a segment
    /// that is neither plain visible ASCII nor `{name}` (each name once), or the permission is not one, with at most
    /// one `{name}` of the path as its instance.
    public init?(method: String, path: String, permission: String) {
        guard !method.isEmpty, method.utf8.allSatisfy(HTTPSyntax.isToken), let segments = Self.segments(path),
            let requirement = Self.requirement(permission, segments: segments)
        else { return nil }
        self.method = method == "*" ? nil : Array(method.utf8)
        self.segments = segments
        self.requirement = requirement
    }

    /// Whether every permission that the route can ask for is in the catalogue, for the start to refuse one that
    /// could only ever deny.
    public func isWithin(_ catalogue: PermissionCatalogue) -> Bool {
        switch requirement {
        case .fixed(let permission): catalogue.isRequestable(permission)
        case .captured(_, let before, let after):
            Permission(bytes: before + [UInt8(ascii: "x")] + after).map(catalogue.isRequestable) ?? false
        }
    }

    func matches(method: some Collection<UInt8>, path: RequestPath) -> Bool {
        guard self.method?.elementsEqual(method) ?? true, segments.count == path.segments.count else { return false }
        return zip(segments, path.segments).allSatisfy { expected, actual in
            switch expected {
            case .literal(let bytes): bytes == actual
            case .capture: !actual.isEmpty
            }
        }
    }

    /// What a path that matches needs; nil where what was captured is not an instance's name.
    func permission(for path: RequestPath) -> Permission? {
        switch requirement {
        case .fixed(let permission): return permission
        case .captured(let segment, let before, let after):
            guard path.segments.indices.contains(segment) else { return nil }
            let instance = path.segments[segment]
            guard instance.allSatisfy(HTTPSyntax.isUnreserved) else { return nil }
            return Permission(bytes: before + instance + after)
        }
    }

    private static func segments(_ path: String) -> [Segment]? {
        guard path.utf8.first == UInt8(ascii: "/") else { return nil }
        let parts = Array(path.utf8.dropFirst()).split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        var segments: [Segment] = []
        for (index, part) in parts.enumerated() {
            guard !part.isEmpty || index == parts.count - 1, let segment = segment(part),
                segment == .literal(Array(part)) || !segments.contains(segment)
            else { return nil }
            segments.append(segment)
        }
        return segments
    }

    private static func segment(_ part: ArraySlice<UInt8>) -> Segment? {
        if let name = captureName(part) { return .capture(name: name) }
        let reserved = Array("/\\%;?#{}".utf8)
        let isPlain = part.allSatisfy { HTTPSyntax.isGraphic($0) && !reserved.contains($0) }
        let isDots = HTTPSyntax.isEqual(part, ".") || HTTPSyntax.isEqual(part, "..")
        return isPlain && !isDots ? .literal(Array(part)) : nil
    }

    private static func captureName(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        guard text.count > 2, text.first == UInt8(ascii: "{"), text.last == UInt8(ascii: "}") else { return nil }
        let name = text.dropFirst().dropLast()
        return name.allSatisfy { HTTPSyntax.isUnreserved($0) } ? Array(name) : nil
    }

    private static func requirement(_ text: String, segments: [Segment]) -> Requirement? {
        let bytes = Array(text.utf8)
        guard let open = bytes.firstIndex(of: UInt8(ascii: "{")) else {
            return Permission(bytes: bytes).map(Requirement.fixed)
        }
        guard let close = bytes.firstIndex(of: UInt8(ascii: "}")), close > open, open > 0,
            bytes[open - 1] == UInt8(ascii: "/"), let name = captureName(bytes[open...close]),
            let segment = segments.firstIndex(of: .capture(name: name))
        else { return nil }
        let before = Array(bytes[..<open])
        let after = Array(bytes[(close + 1)...])
        guard after.first == UInt8(ascii: ":"), Permission(bytes: before + [UInt8(ascii: "x")] + after) != nil else {
            return nil
        }
        return .captured(segment: segment, before: before, after: after)
    }
}
