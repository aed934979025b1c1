import Foundation
import KeybearerControlPlane
import KeybearerVerification
import KeybearerVerificationPlane
import Yams

/// Turns values into types, with the name and place of whatever does not fit.
struct SettingReader {
    let values: SettingValues
    /// Relative paths start here.
    let folder: String
    let environment: [String: String]

    func value(_ name: String) throws -> SettingValue {
        guard let value = values[name] else { throw ConfigurationError("\(name): there is no such setting") }
        return value
    }

    func optionalText(_ name: String) throws -> String? {
        let value = try value(name)
        if case .scalar = value.node { return value.node.plainText }
        throw value.fault("is one text")
    }

    func text(_ name: String) throws -> String {
        guard let text = try optionalText(name), !text.isEmpty else { throw try value(name).fault("has to be set") }
        return text
    }

    func number(_ name: String) throws -> Int {
        let value = try value(name)
        guard case .number(let range) = value.setting.kind, let text = value.node.plainText, let number = Int(text),
            range.contains(number)
        else {
            guard case .number(let range) = value.setting.kind else { throw value.fault("is not a number") }
            throw value.fault("is a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// nil where it is `null`.
    func optionalNumber(_ name: String) throws -> Int? { try value(name).node.isNull ? nil : try number(name) }

    func flag(_ name: String) throws -> Bool {
        let value = try value(name)
        switch value.node.plainText {
        case "true": return true
        case "false": return false
        default: throw value.fault("is true or false")
        }
    }

    func choice<Choice: RawRepresentable & CaseIterable>(_ name: String) throws -> Choice
    where Choice.RawValue == String {
        let value = try value(name)
        guard let text = value.node.plainText, let choice = Choice(rawValue: text) else {
            throw value.fault("is one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return choice
    }

    func listen(_ name: String) throws -> Configuration.Listen {
        guard let listen = try optionalListen(name) else { throw try value(name).fault("has to be set") }
        return listen
    }

    func optionalListen(_ name: String) throws -> Configuration.Listen? {
        guard let text = try optionalText(name) else { return nil }
        if text.hasPrefix("unix:") { return .unix(path: path(String(text.dropFirst(5)))) }
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            throw try value(name).fault("is HOST:PORT or unix:PATH")
        }
        let host = text[..<colon].trimmingPrefix("[").replacing("]", with: "")
        guard !host.isEmpty else { throw try value(name).fault("is HOST:PORT or unix:PATH") }
        return .tcp(host: String(host), port: Int(port))
    }

    func strings(_ node: Node, _ value: SettingValue) throws -> [String] {
        guard let items = node.sequence else { throw value.fault("is a list", at: node) }
        return try items.map { item in
            guard let text = item.plainText else { throw value.fault("is a list of texts", at: item) }
            return text
        }
    }

    func blocks(_ name: String) throws -> [CIDRBlock] {
        let value = try value(name)
        return try strings(value.node, value).map { text in
            guard let block = CIDRBlock(text) else { throw value.fault("holds addresses and CIDR blocks") }
            return block
        }
    }

    /// A text, `{file: PATH}` or `{env: NAME}`; nil where it is not set.
    func secret(_ name: String, atLeast length: Int) throws -> [UInt8]? {
        let value = try value(name)
        return try secret(value.node, value, atLeast: length)
    }

    func secret(_ node: Node, _ value: SettingValue, atLeast length: Int) throws -> [UInt8]? {
        let secret: [UInt8]
        if let mapping = node.mapping {
            if let file = mapping["file"]?.plainText {
                guard let bytes = FileManager.default.contents(atPath: path(file)) else {
                    throw value.fault("its file cannot be read", at: node)
                }
                secret = Array(bytes).trimmingLineEnd()
            } else if let name = mapping["env"]?.plainText {
                guard let text = environment[name] else {
                    throw value.fault("its variable \(name) is not set", at: node)
                }
                secret = Array(text.utf8)
            } else {
                throw value.fault("is a text, {file: PATH} or {env: NAME}", at: node)
            }
        } else if let text = node.plainText {
            secret = Array(text.utf8)
        } else {
            return nil
        }
        guard secret.count >= length else { throw value.fault("has at least \(length) bytes", at: node) }
        return secret
    }

    func certificate(_ name: String) throws -> ControlPlaneSettings.Certificate? {
        let value = try value(name)
        guard !value.node.isNull else { return nil }
        guard let certificate = value.node.mapping?["certificate"]?.plainText,
            let key = value.node.mapping?["key"]?.plainText
        else { throw value.fault("is {certificate: FILE, key: FILE}") }
        return ControlPlaneSettings.Certificate(certificatePath: path(certificate), keyPath: path(key))
    }

    func routes() throws -> [ForwardRoute] {
        let value = try value("verification.routes")
        guard let items = value.node.sequence else { throw value.fault("is a list") }
        return try items.map { item in
            guard let mapping = item.mapping, mapping.count == 3, let method = mapping["method"]?.plainText,
                let path = mapping["path"]?.plainText, let permission = mapping["permission"]?.plainText,
                let route = ForwardRoute(method: method, path: path, permission: permission)
            else {
                throw value.fault(
                    "a route is {method: GET, path: \"/v1/projects/{id}\", permission: \"project/{id}:read\"}", at: item
                )
            }
            return route
        }
    }

    func database() throws -> Configuration.Database {
        let url = try text("database.url")
        if url.hasPrefix("sqlite:") { return .sqlite(path: path(String(url.dropFirst(7)))) }
        guard url.hasPrefix("postgres://") || url.hasPrefix("postgresql://") else {
            throw try value("database.url").fault("is sqlite:PATH or postgres://USER@HOST/DATABASE")
        }
        return .postgreSQL(url: url)
    }

    func path(_ text: String) -> String {
        text.hasPrefix("/") ? text : URL(fileURLWithPath: folder).appendingPathComponent(text).standardizedFileURL.path
    }
}

extension [UInt8] {
    /// Without the line feed that editors leave at a file's end.
    fileprivate func trimmingLineEnd() -> [UInt8] {
        var bytes = self
        while let last = bytes.last, last == 0x0a || last == 0x0d { bytes.removeLast() }
        return bytes
    }
}
