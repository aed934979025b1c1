import KeybearerAdministration
import Yams

extension SettingReader {
    /// Over all that verifications and changes are decided by, so that two nodes which would decide differently differ.
    /// The proxies that are trusted describe a node's own surroundings and are left out.
    func digest(_ rules: Rules) throws -> ConfigurationDigest {
        let routes = try value("verification.routes").node.sequence ?? []
        return rules.digest(
            and: routes.map { route in
                ["method", "path", "permission"].map { route.mapping?[$0]?.plainText ?? "" }
                    .joined(separator: " ")
            })
    }
}
