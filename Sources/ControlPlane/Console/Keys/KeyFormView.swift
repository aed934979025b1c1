import KeybearerAdministration
import KeybearerConsole
import KeybearerVerification

struct KeyFormView: Sendable {
    var problem: ProblemView?
    let action: String
    let form: String
    /// How the key stood when the form was opened; nil for a key to come.
    let was: String?
    let key: KeyLink?
    let name: String
    let nameError: String?
    let permissionsError: String?
    let presets: [Preset]
    let matrix: [MatrixGroup]
    let instances: String
    let hasInstances: Bool
    let instanceExample: String
    let ips: String
    let ipsError: String?
    let cidrText: String
    let currentIP: String?
    let useIP: String
    let expiries: [ChoiceView]
    let expiryError: String?
    let date: String
    let today: String
    let labels: String
    let labelsError: String?
    let hasLabels: Bool
    let submit: String
    let cancel: String

    struct KeyLink: Sendable {
        let href: String
        let name: String
    }

    struct Preset: Sendable {
        let step: String
        let label: String
        let list: String
    }

    struct MatrixGroup: Sendable {
        let title: String?
        let rows: [MatrixRow]
    }

    struct MatrixRow: Sendable {
        let resource: String
        let cells: [Cell]
    }

    struct Cell: Sendable {
        let permission: String
        let label: String
        let isChecked: Bool
        /// Whether the visitor may not give it, and the key does not have it.
        let isOff: Bool
    }
}

/// Makes the form's view out of what was typed, and of why it was not taken.
struct KeyFormComposition: Sendable {
    let visit: Visit
    let rules: Rules
    let held: PermissionSet
    let input: KeyFormInput
    let failure: Failure?

    func view(action: String, form: String, key: APIKey?, submit: String) -> KeyFormView {
        let matrix = matrix()
        let offered = Set(matrix.flatMap(\.rows).flatMap(\.cells).map(\.permission))
        let single = input.permissions.filter { !offered.contains($0) }
        return KeyFormView(
            problem: failure.map { problem($0) }, action: action, form: form, was: key.map(was),
            key: key.map { KeyFormView.KeyLink(href: "/api-keys/\($0.id)", name: $0.name) }, name: input.name,
            nameError: error("/name"), permissionsError: permissionsError, presets: presets(offered),
            matrix: matrix, instances: single.joined(separator: "\n"), hasInstances: !single.isEmpty,
            instanceExample: "\(firstResource)/prj_1:\(firstAction)", ips: input.addresses.joined(separator: "\n"),
            ipsError: addressError, cidrText: rules.acceptsCIDR ? "" : visit.say(\.form.ipCIDR),
            currentIP: visit.call.address?.description,
            useIP: visit.say(\.form.useIP, ["ip": visit.call.address?.description ?? ""]), expiries: expiries,
            expiryError: error("/expires_at"), date: date, today: String(visit.now.description.prefix(10)),
            labels: input.labels.joined(separator: "\n"), labelsError: error("/labels"),
            hasLabels: !input.labels.isEmpty, submit: submit, cancel: key.map { "/api-keys/\($0.id)" } ?? "/api-keys")
    }

    /// A form that was refused because the key has changed is about the key as it stands now; any other stays what it was.
    private func was(_ key: APIKey) -> String {
        visit.form.has("was") && failure?.code != .preconditionFailed
            ? visit.form["was"] : EntityTag(key).description
    }

    private func problem(_ failure: Failure) -> ProblemView {
        var seen: Set<String> = []
        let codes = failure.fields.isEmpty ? [failure.code] : failure.fields.map(\.code)
        let texts = codes.map { code in
            visit.say(code == .idempotencyConflict ? \.form.conflict : code.words)
        }
        return ProblemView(title: visit.say(\.common.problem), items: texts.filter { seen.insert($0).inserted })
    }

    private func faults(_ pointer: String) -> [Failure.Field] {
        failure?.fields.filter { $0.pointer == pointer || $0.pointer.hasPrefix(pointer + "/") } ?? []
    }

    private func error(_ pointer: String) -> String? { faults(pointer).first.map { visit.say($0.code.words) } }

    private var permissionsError: String? {
        if failure?.code == .permissionEscalation { return visit.say(\.failure.permissionEscalation) }
        return listed("/permissions", input.permissions)
    }

    private var addressError: String? { listed("/allowed_ips", input.addresses) }

    /// Names the lines at fault, as the pointers do.
    private func listed(_ pointer: String, _ lines: [String]) -> String? {
        let faults = faults(pointer)
        guard let first = faults.first else { return nil }
        let named = faults.compactMap { fault -> String? in
            guard let index = Int(fault.pointer.dropFirst(pointer.utf8.count + 1)), lines.indices.contains(index) else {
                return nil
            }
            return String(lines[index].prefix(60))
        }
        let text = visit.say(first.code.words)
        return named.isEmpty ? text : "\(named.prefix(5).joined(separator: ", ")): \(text)"
    }

    private var expiries: [ChoiceView] {
        let days = KeyFormInput.expiryDays.compactMap { text in
            Int(text).map { (text, $0 == 365 ? visit.say(\.time.years, 1) : visit.say(\.time.days, $0)) }
        }
        let all = [("none", visit.say(\.form.expiryNone))] + days + [("date", visit.say(\.form.onDate))]
        return all.map { ChoiceView(value: $0, label: $1, isCurrent: $0 == input.expiry) }
    }

    /// What a date's field can show.
    private var date: String { Timestamp(rfc3339: "\(input.date)T00:00:00Z") == nil ? "" : input.date }

    // MARK: Permissions

    private var product: [(name: String, actions: [String])] { rules.catalogue.productResources }

    private var firstResource: String { product.first?.name ?? "project" }
    private var firstAction: String { product.first?.actions.first ?? "read" }

    /// The operator's resources first, then Keybearer's own, then everything at once.
    private func matrix() -> [KeyFormView.MatrixGroup] {
        let everything = KeyFormView.MatrixRow(
            resource: "*", cells: [cell("*:read", "read"), cell("*:*", visit.say(\.form.everything))])
        return [
            KeyFormView.MatrixGroup(title: nil, rows: product.map(row)),
            KeyFormView.MatrixGroup(
                title: visit.say(\.form.ownResources), rows: rules.catalogue.ownResources.map(row)),
            KeyFormView.MatrixGroup(title: visit.say(\.form.allResources), rows: [everything]),
        ]
    }

    private func row(_ resource: (name: String, actions: [String])) -> KeyFormView.MatrixRow {
        let all = cell("\(resource.name):*", visit.say(\.form.allActions))
        return KeyFormView.MatrixRow(
            resource: resource.name, cells: resource.actions.map { cell("\(resource.name):\($0)", $0) } + [all])
    }

    private func cell(_ permission: String, _ label: String) -> KeyFormView.Cell {
        let isHeld = Permission(permission).map(held.covers) ?? false
        let isChecked = input.permissions.contains(permission)
        // A browser sends no box that is off: one that is checked stays on, or saving would take it away unnoticed.
        return KeyFormView.Cell(
            permission: permission, label: label, isChecked: isChecked, isOff: !isHeld && !isChecked)
    }

    private func presets(_ offered: Set<String>) -> [KeyFormView.Preset] {
        let steps: [(name: String, label: KeyPath<Catalogue, Text>)] = [
            ("preset_read", \.form.presetRead), ("preset_deploy", \.form.presetDeploy),
            ("preset_none", \.form.presetNone),
        ]
        return steps.compactMap { step in
            let list = Self.preset(step.name, rules).filter { offered.contains($0) }
            guard step.name == "preset_none" || !list.isEmpty else { return nil }
            return KeyFormView.Preset(
                step: step.name, label: visit.say(step.label), list: list.joined(separator: " "))
        }
    }

    /// What a preset's button chooses; empty for a step that is none.
    static func preset(_ step: String, _ rules: Rules) -> [String] {
        let product = rules.catalogue.productResources
        switch step {
        case "preset_read":
            return product.filter { $0.actions.contains("read") }.map { "\($0.name):read" }
        case "preset_deploy":
            guard let deployable = product.first(where: { $0.actions.contains("deploy") }) else { return [] }
            return deployable.actions.filter { ["read", "deploy"].contains($0) }.map { "\(deployable.name):\($0)" }
        default: return []
        }
    }
}

extension PermissionCatalogue {
    private static let ownNames = Set(PermissionCatalogue.builtIn.resources.map(\.name))

    /// The operator's resources.
    var productResources: [(name: String, actions: [String])] {
        resources.filter { !Self.ownNames.contains($0.name) }
    }

    /// Keybearer's own.
    var ownResources: [(name: String, actions: [String])] { resources.filter { Self.ownNames.contains($0.name) } }
}
