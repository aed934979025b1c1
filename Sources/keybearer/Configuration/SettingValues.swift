import Foundation
import Yams

/// A setting's value with the place it came from.
struct SettingValue {
    enum Origin: Sendable, CustomStringConvertible {
        case standard
        case file(String, line: Int)
        case variable(String)
        case flag(String)

        var description: String {
            switch self {
            case .standard: "default"
            case .file(let path, let line): "\(path):\(line)"
            case .variable(let name): name
            case .flag(let name): name
            }
        }
    }

    let setting: Setting
    let node: Node
    let origin: Origin

    /// A line that names the setting and its place, for whoever has to mend it.
    func fault(_ detail: String, at node: Node? = nil) -> ConfigurationError {
        var place = origin
        if case .file(let path, let line) = origin { place = .file(path, line: node?.mark?.line ?? line) }
        return ConfigurationError("\(place): \(setting.name): \(detail)")
    }
}

/// Why the configuration cannot be used, in one line.
struct ConfigurationError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Every setting's value: flags over environment over file over default.
struct SettingValues {
    private var values: [String: SettingValue] = [:]
    /// What is odd but does no harm, such as a variable that no setting has.
    private(set) var warnings: [String] = []

    /// - Parameter flags: YAML by setting's name.
    init(file: (path: String, text: String)?, environment: [String: String], flags: [String: String]) throws {
        for setting in Setting.all {
            values[setting.name] = SettingValue(
                setting: setting, node: try Self.node(setting.standard, setting.name), origin: .standard)
        }
        if let file { try read(file.text, path: file.path) }
        for (name, text) in environment.sorted(by: { $0.key < $1.key }) where name.hasPrefix("KEYBEARER_") {
            guard let setting = Setting.all.first(where: { $0.variable == name }) else {
                if !Self.otherVariables.contains(name) { warnings.append("\(name) is not a setting; it is ignored") }
                continue
            }
            try override(setting, with: try Self.node(text, name, of: setting), .variable(name))
        }
        for (name, text) in flags {
            guard let setting = Setting.all.first(where: { $0.name == name }) else { continue }
            values[name] = SettingValue(setting: setting, node: Node(text), origin: .flag("--data"))
        }
    }

    subscript(name: String) -> SettingValue? { values[name] }

    var all: [SettingValue] { Setting.all.compactMap { values[$0.name] } }

    /// Variables that are read elsewhere.
    private static let otherVariables: Set<String> = [
        "KEYBEARER_CONFIG", "KEYBEARER_API_KEY", "KEYBEARER_URL", "KEYBEARER_PROFILE", "KEYBEARER_ORGANIZATION",
        "KEYBEARER_CONFIG_DIR", "KEYBEARER_PROGRAM", "KEYBEARER_ROOM",
    ]

    private mutating func read(_ text: String, path: String) throws {
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch let error as YamlError {
            throw ConfigurationError(
                "\(path): not YAML: \(error.description.split(separator: "\n").joined(separator: " "))")
        }
        guard let root, !root.isNull else { return }
        guard let sections = root.mapping else { throw ConfigurationError("\(path): the file holds settings by name") }
        for (key, node) in sections { try read(key.string ?? "", node, key, path) }
    }

    private mutating func read(_ name: String, _ node: Node, _ key: Node, _ path: String) throws {
        let line = key.mark?.line ?? 0
        if let setting = Setting.all.first(where: { $0.name == name }) {
            return try override(setting, with: node, .file(path, line: line))
        }
        guard !name.isEmpty, Setting.all.contains(where: { $0.name.hasPrefix(name + ".") }) else {
            throw ConfigurationError("\(path):\(line): \(name): there is no such setting")
        }
        guard let members = node.mapping else {
            if node.isNull { return }
            throw ConfigurationError("\(path):\(line): \(name): holds settings by name")
        }
        for (member, value) in members { try read("\(name).\(member.string ?? "")", value, member, path) }
    }

    /// `permissions`, `roles` and `plans` are merged by name; everything else is replaced.
    private mutating func override(_ setting: Setting, with node: Node, _ origin: SettingValue.Origin) throws {
        let value = SettingValue(setting: setting, node: node, origin: origin)
        guard ["permissions", "roles", "plans"].contains(setting.name) else {
            values[setting.name] = value
            return
        }
        guard let additions = node.mapping else { throw value.fault("holds values by name") }
        var merged = values[setting.name]?.node.mapping ?? Node.Mapping([])
        for (name, addition) in additions { merged[name] = addition.isNull ? nil : addition }
        values[setting.name] = SettingValue(setting: setting, node: Node.mapping(merged), origin: origin)
    }

    private static func node(_ text: String, _ place: String, of setting: Setting? = nil) throws -> Node {
        switch setting?.kind {
        case .text, .secret, .listen: return Node(text)
        default: break
        }
        do {
            return try Yams.compose(yaml: text) ?? Node.null
        } catch {
            throw ConfigurationError("\(place): not YAML")
        }
    }
}

extension Node {
    static var null: Node { Node("null", Tag(.null)) }

    /// The text of a scalar; nil for `null`, lists and maps.
    var plainText: String? {
        guard case .scalar(let scalar) = self else { return nil }
        let isNull = scalar.style == .any || scalar.style == .plain
        return isNull && ["null", "~", ""].contains(scalar.string) ? nil : scalar.string
    }

    var isNull: Bool {
        if case .scalar = self { return plainText == nil }
        return false
    }
}
