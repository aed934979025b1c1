import KeybearerAPI
import KeybearerConsole
import KeybearerVerification

/// What the console keeps in a browser. Only the session's cookie lets anybody in.
struct Cookies: Sendable {
    static let languageName = "keybearer-language"
    static let themeName = "keybearer-theme"
    static let organizationName = "keybearer-organization"
    static let visitorName = "keybearer-visitor"
    static let noticeName = "keybearer-notice"

    let site: Site

    /// A cookie's name where it lies in a browser: with TLS, none can be set from a neighbouring host.
    func name(_ plain: String) -> String { site.isHTTPS ? "__Host-\(plain)" : plain }

    /// Values of the request's cookies by plain name; of a name that is there twice, none.
    func read(_ fields: FieldValues) -> [String: String] {
        var values: [String: String] = [:]
        var repeated: Set<String> = []
        for pair in fields["cookie"].flatMap({ $0.split(separator: ";") }) {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { continue }
            let name = parts[0].drop { $0 == " " }
            if values.updateValue(String(parts[1]), forKey: String(name)) != nil { repeated.insert(String(name)) }
        }
        for name in repeated { values[name] = nil }
        return values
    }

    func preference(_ plain: String, _ value: String) -> String {
        "\(name(plain))=\(value); Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax\(secure)"
    }

    /// Lax: a page that another site links to must find it again.
    func visitor(_ token: String) -> String {
        "\(name(Self.visitorName))=\(token); Path=/; HttpOnly; SameSite=Lax\(secure)"
    }

    func organization(_ id: OrganizationID) -> String {
        "\(name(Self.organizationName))=\(id); Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax\(secure)"
    }

    func notice(_ notice: Notice) -> String {
        "\(name(Self.noticeName))=\(notice.encoded); Path=/; Max-Age=60; HttpOnly; SameSite=Strict\(secure)"
    }

    func clearing(_ plain: String) -> String {
        "\(name(plain))=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax\(secure)"
    }

    func endingSession() -> String {
        "\(site.cookieName)=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict\(secure)"
    }

    private var secure: String { site.isHTTPS ? "; Secure" : "" }
}

/// What the page after a change says about it. Travels in a cookie, so that nobody can write one into a link.
struct Notice: Sendable, Hashable {
    enum Kind: String, Sendable {
        case keyRevoked, keyUpdated, keyDisabled, keyEnabled, passwordChanged, sessionEnded, invitationWithdrawn
        case memberSaved, roleSaved, roleRemoved, renamed, organizationCreated, deviceApproved, deviceDenied
    }

    let kind: Kind
    /// What the sentence names.
    var name = ""
    /// What the operation answered about who has applied the change; set for revocations.
    var barrier: Barrier?

    struct Barrier: Sendable, Hashable {
        let revision: Int64
        let acknowledgedBy: [String]
        let unreachable: [String]
        let isComplete: Bool
    }

    init(_ kind: Kind, name: String = "", barrier: Barrier? = nil) {
        self.kind = kind
        self.name = name
        self.barrier = barrier
    }

    var encoded: String {
        var object: JSONObject = ["kind": .string(kind.rawValue), "name": .string(name)]
        if let barrier {
            object["revision"] = .string(String(barrier.revision))
            object["acknowledged_by"] = JSON(barrier.acknowledgedBy)
            object["unreachable"] = JSON(barrier.unreachable)
            object["complete"] = .bool(barrier.isComplete)
        }
        return PercentEncoding.encoded(JSON.object(object).serialized())
    }

    init?(encoded text: String) {
        guard text.utf8.count < 3000, let bytes = PercentEncoding.decoded(Array(text.utf8)) else { return nil }
        let json: JSON
        do throws(MalformedJSON) { json = try JSON.parse(bytes) } catch { return nil }
        guard let kind = json["kind"]?.text.flatMap({ Kind(rawValue: $0) }) else { return nil }
        self.kind = kind
        name = json["name"]?.text ?? ""
        if let revision = json["revision"]?.text.flatMap({ Int64($0) }) {
            barrier = Barrier(
                revision: revision, acknowledgedBy: json["acknowledged_by"]?.elements?.compactMap(\.text) ?? [],
                unreachable: json["unreachable"]?.elements?.compactMap(\.text) ?? [],
                isComplete: json["complete"] == .bool(true))
        }
    }
}

extension PercentEncoding {
    /// Everything but unreserved characters (RFC 3986, section 2.3) as percent signs and digits.
    static func encoded(_ bytes: some Collection<UInt8>) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var output: [UInt8] = []
        for byte in bytes {
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                output.append(byte)
            default: output += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    static func encoded(_ text: String) -> String { encoded(Array(text.utf8)) }
}
