import KeybearerAPI
import KeybearerAdministration
import KeybearerVerification

extension OrganizationResource {
    init(_ view: OrganizationView) {
        let organization = view.organization
        self.init(
            id: organization.id.description, name: organization.name, slug: organization.slug.description,
            plan: organization.plan, quota: QuotaResource(activeKeys: view.activeKeys, limit: view.plan.activeKeys),
            features: view.plan.features, isSuspended: organization.isSuspended,
            createdAt: organization.createdAt.description)
    }
}

extension OrganizationSummary {
    init(_ organization: KeybearerAdministration.Organization) {
        self.init(
            id: organization.id.description, slug: organization.slug.description, name: organization.name)
    }
}
