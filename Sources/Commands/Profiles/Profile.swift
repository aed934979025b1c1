import KeybearerAPI

/// What is remembered of one server: who to be there, and for whom to act.
public struct Profile: Sendable, Equatable {
    public var url: String?
    var apiKey: String?
    var session: String?
    /// RFC 3339.
    public var sessionExpiresAt: String?
    /// The e-mail address of whoever is signed in.
    public var email: String?
    /// A slug; what `org set` chose.
    public var organization: String?

    init() {}

    var isEmpty: Bool { self == Profile() }
}

/// The contents of the profiles' file.
struct Profiles: Sendable, Equatable {
    static let defaultName = "default"

    /// The profile in use where nobody names one.
    var current = Profiles.defaultName
    var all: [(name: String, profile: Profile)] = []

    subscript(_ name: String) -> Profile {
        get { all.first { $0.name == name }?.profile ?? Profile() }
        set {
            if let index = all.firstIndex(where: { $0.name == name }) {
                all[index].profile = newValue
            } else {
                all.append((name, newValue))
            }
        }
    }

    static func == (left: Profiles, right: Profiles) -> Bool {
        left.current == right.current
            && left.all.elementsEqual(right.all) { $0.name == $1.name && $0.profile == $1.profile }
    }
}

extension Profiles {
    init?(_ json: JSON) {
        guard let object = json["profiles"]?.objectValue else { return nil }
        current = json["current"]?.text ?? Self.defaultName
        all = object.members.map { ($0.key, Profile($0.value)) }
    }

    var json: JSON {
        [
            "current": .string(current),
            "profiles": .object(JSONObject(all.map { ($0.name, $0.profile.json) })),
        ]
    }
}

extension Profile {
    fileprivate init(_ json: JSON) {
        url = json["url"]?.text
        apiKey = json["api_key"]?.text
        session = json["session"]?.text
        sessionExpiresAt = json["session_expires_at"]?.text
        email = json["email"]?.text
        organization = json["organization"]?.text
    }

    fileprivate var json: JSON {
        let members: [(String, String?)] = [
            ("url", url), ("organization", organization), ("email", email), ("session", session),
            ("session_expires_at", sessionExpiresAt), ("api_key", apiKey),
        ]
        return .object(JSONObject(members.compactMap { name, value in value.map { (name, .string($0)) } }))
    }
}
