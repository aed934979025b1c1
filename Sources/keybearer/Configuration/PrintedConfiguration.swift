import Yams

extension SettingValues {
    /// Every effective value with its origin, secrets left out.
    func printed() throws -> String {
        try all.map { value in
            var text: String
            if value.setting.isSecret || value.setting.name.contains("pepper") {
                text = value.node.isNull || value.node.sequence?.isEmpty == true ? "null" : "(set)"
            } else {
                text = try Yams.serialize(node: value.node).split(separator: "\n").filter { $0 != "..." }
                    .joined(separator: "\n  ")
            }
            if value.setting.name == "database.url" { text = Self.withoutPassword(text) }
            let isNested = text.contains("\n") || value.node.mapping != nil
            return "\(value.setting.name):\(isNested ? "\n  " : " ")\(text)  # \(value.origin)"
        }.joined(separator: "\n")
    }

    /// A URL may carry one: `postgres://user:password@host`, or `?password=`.
    static func withoutPassword(_ url: String) -> String {
        url.replacing(/(:\/\/[^:@\/]*):[^\/]*@/) { "\($0.1):…@" }
            .replacing(/([?&](?:ssl)?password=)[^&]*/) { "\($0.1)…" }
    }
}

extension Setting {
    /// The page `docs/configuration.md`.
    static var documentation: String {
        var page = """
            # Configuration

            `keybearer.yaml` (or `--config FILE`), overridden by environment variables, overridden by flags.
            `keybearer serve --print-config` shows the effective values and where each comes from. A setting that is
            unknown or impossible stops the start with its name and line. Secrets are a text, `{file: PATH}` or
            `{env: NAME}`. This page is printed by `keybearer settings`.

            | setting | environment | default | meaning |
            |---|---|---|---|

            """
        for setting in all {
            let standard =
                setting.standard.count > 90
                ? "the four plans of `keybearer serve --print-config`" : "`\(setting.standard)`"
            page += "| `\(setting.name)` | `\(setting.variable)` | \(standard) | \(setting.summary) |\n"
        }
        return page
    }
}
