import KeybearerVerification

/// Parses what people write into types, with the code and pointer of everything that is wrong.
struct Validation: Sendable {
    let rules: Rules

    static let permissionLimit = 100
    static let addressLimit = 100
    static let labelLimit = 20

    /// A display name: 1…100 Unicode scalars in NFC, no control, format or bidirectional characters.
    func name(_ text: String, pointer: String = "/name") -> Parsed<String> {
        let scalars = text.unicodeScalars
        func refused(_ detail: String) -> Parsed<String> {
            Parsed(nil, [Failure.Field(pointer, .invalidName, detail)])
        }
        guard !scalars.isEmpty, scalars.count <= 100 else { return refused("A name has 1 to 100 characters.") }
        guard scalars.allSatisfy(\.isPrintable) else {
            return refused("A name holds no control or text-direction characters.")
        }
        guard scalars.contains(where: { !$0.properties.isWhitespace }) else {
            return refused("A name is not only white space.")
        }
        guard text.isNormalizedNFC else { return refused("A name is in Unicode normalization form C.") }
        return Parsed(text, [])
    }

    /// At most 100 patterns, each known to the catalogue; repeats are dropped.
    func permissions(_ texts: [String], pointer: String = "/permissions") -> Parsed<PermissionSet> {
        guard texts.count <= Self.permissionLimit else {
            return Parsed(
                nil, [Failure.Field(pointer, .tooManyPermissions, "At most \(Self.permissionLimit) permissions.")])
        }
        var permissions: [Permission] = []
        var faults: [Failure.Field] = []
        for (index, text) in texts.enumerated() {
            if let permission = Permission(text), rules.catalogue.contains(permission) {
                permissions.append(permission)
            } else {
                faults.append(
                    Failure.Field(
                        "\(pointer)/\(index)", .unknownPermission,
                        "Not a permission of the catalogue; GET /v1/permissions lists them."))
            }
        }
        return Parsed(faults.isEmpty ? PermissionSet(permissions) : nil, faults)
    }

    /// At most 100 literal addresses (CIDR blocks where the operator allows them); other spellings of one
    /// address are merged.
    func allowedIPs(_ texts: [String], pointer: String = "/allowed_ips") -> Parsed<[CIDRBlock]> {
        guard texts.count <= Self.addressLimit else {
            return Parsed(nil, [Failure.Field(pointer, .tooManyIPs, "At most \(Self.addressLimit) addresses.")])
        }
        var blocks: [CIDRBlock] = []
        var faults: [Failure.Field] = []
        for (index, text) in texts.enumerated() {
            let place = "\(pointer)/\(index)"
            if text.utf8.contains(UInt8(ascii: "/")) && !rules.acceptsCIDR {
                faults.append(
                    Failure.Field(place, .cidrNotAccepted, "Write single addresses; CIDR blocks are not accepted."))
            } else if let block = CIDRBlock(text) {
                if !blocks.contains(block) { blocks.append(block) }
            } else {
                faults.append(
                    Failure.Field(
                        place, .invalidIP, "Write a literal IPv4 or IPv6 address, such as 203.0.113.9 or 2001:db8::1."))
            }
        }
        return Parsed(faults.isEmpty ? blocks : nil, faults)
    }

    /// nil means never; a moment has to lie in the future, before the year 10000.
    func expiry(_ text: String?, now: Timestamp, pointer: String = "/expires_at") -> Parsed<Timestamp?> {
        guard let text else { return Parsed(.some(nil), []) }
        guard let moment = Timestamp(rfc3339: text), moment > now else {
            return Parsed(
                nil,
                [
                    Failure.Field(
                        pointer, .invalidExpiry, "Write an RFC 3339 time in the future, such as 2027-01-31T00:00:00Z.")
                ])
        }
        return Parsed(.some(moment), [])
    }

    /// At most 20, keys of 1…64 and values of at most 256 scalars.
    func labels(_ pairs: [(String, String)], pointer: String = "/labels") -> Parsed<[APIKey.Label]> {
        guard pairs.count <= Self.labelLimit else {
            return Parsed(nil, [Failure.Field(pointer, .invalidLabel, "At most \(Self.labelLimit) labels.")])
        }
        var faults: [Failure.Field] = []
        for (key, value) in pairs {
            let isKey = (1...64).contains(key.unicodeScalars.count) && key.unicodeScalars.allSatisfy(\.isPrintable)
            let isValue = value.unicodeScalars.count <= 256 && value.unicodeScalars.allSatisfy(\.isPrintable)
            guard isKey, isValue, key.isNormalizedNFC, value.isNormalizedNFC else {
                faults.append(
                    Failure.Field(
                        "\(pointer)/\(Self.escaped(key))", .invalidLabel,
                        "A label has a key of 1 to 64 and a value of up to 256 printable characters."))
                continue
            }
        }
        let labels = pairs.map { APIKey.Label(key: $0.0, value: $0.1) }
            .sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        return Parsed(faults.isEmpty ? labels : nil, faults)
    }

    /// Why something was done, in up to 500 printable characters or line breaks.
    func reason(_ text: String?) throws -> String? {
        guard let text, !text.isEmpty else { return nil }
        guard text.unicodeScalars.count <= 500,
            text.unicodeScalars.allSatisfy({ $0.isPrintable || $0 == "\n" })
        else {
            throw Failure(
                .invalidReason, "A reason has up to 500 printable characters.",
                fields: [Failure.Field("/reason", .invalidReason, "Up to 500 printable characters.")])
        }
        return text
    }

    func email(_ text: String, pointer: String = "/email") throws -> EmailAddress {
        guard let email = EmailAddress(text) else {
            let detail = "Write an e-mail address in ASCII, such as ana@example.com."
            throw Failure(.invalidEmail, detail, fields: [Failure.Field(pointer, .invalidEmail, detail)])
        }
        return email
    }

    func slug(_ text: String) throws -> Slug {
        guard let slug = Slug(text) else {
            let detail = "A slug has 1 to 63 of a-z, 0-9 and inner hyphens."
            throw Failure(.invalidSlug, detail, fields: [Failure.Field("/slug", .invalidSlug, detail)])
        }
        return slug
    }

    /// `~` and `/` as RFC 6901 writes them in a pointer.
    private static func escaped(_ token: String) -> String {
        token.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "~": result += "~0"
            case "/": result += "~1"
            default: result.unicodeScalars.append(scalar)
            }
        }
    }
}

/// A value, or what is wrong with it.
struct Parsed<Value> {
    let value: Value?
    let faults: [Failure.Field]

    init(_ value: Value?, _ faults: [Failure.Field]) {
        self.value = value
        self.faults = faults
    }

    /// - Throws: the first fault's code, with all faults.
    func get() throws -> Value {
        guard let value else { throw Failure(faults: faults) }
        return value
    }
}

extension Failure {
    /// A refusal of several fields: the first one's code speaks for all.
    init(faults: [Field]) {
        let first = faults.first
        self.init(
            first?.code ?? .invalidName, first.map { "\($0.pointer): \($0.detail)" } ?? "The request is not valid.",
            fields: faults)
    }
}

extension Unicode.Scalar {
    /// Neither a control character nor one that changes the direction or the look of what stands around it.
    var isPrintable: Bool {
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}
