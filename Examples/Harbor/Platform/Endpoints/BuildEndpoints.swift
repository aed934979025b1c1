import HarborAPI
import Hummingbird

/// Builds of the whole organization, and what it owes for them.
struct BuildEndpoints: Sendable {
    let platform: Platform

    func add(to router: Router<HarborContext>) {
        let keys = platform.keybearer
        router.guarded(by: keys, "build:read").get("v1/build") { request, context in
            let (page, limit) = try request.paging()
            let (rows, total) = try await platform.store.deployments(
                of: try context.tenant.organization, project: request.text("project"), page: page, limit: limit)
            return try answer(Listing(data: rows.map(\.shown), page: page, limit: limit, total: total))
        }
        router.guarded(by: keys, "build:read").get("v1/build/{id}") { request, context in
            let id = try context.parameters.require("id")
            let row = try await platform.store.deployment(id, ofOrganization: try context.tenant.organization)
            return try await platform.output(of: id, in: row.project, request)
        }
        router.guarded(by: keys, "billing:read").get("v1/billing") { request, context in
            try await bill(request, context)
        }
    }

    private func bill(_ request: Request, _ context: HarborContext) async throws -> Response {
        await platform.counter.flush()
        let month = request.text("month") ?? Moment.month(Moment.now())
        guard month.utf8.count == 7, month.allSatisfy({ $0.isNumber || $0 == "-" }) else {
            throw HarborError.invalid("month is YYYY-MM.")
        }
        let usage = try await platform.store.usage(of: try context.tenant.organization, month: month)
        let lines = Self.prices.map { price in
            Bill.Line(
                item: price.item, quantity: (usage[price.item] ?? 0) / price.per, unit: price.unit,
                priceMillicents: price.millicents)
        }
        return try answer(Bill(month: month, lines: lines))
    }

    /// An invented price list.
    private static let prices: [(item: String, unit: String, per: Int64, millicents: Int64)] = [
        ("deployments", "deployment", 1, 500), ("build_milliseconds", "second", 1000, 50),
        ("requests", "request", 1, 2), ("bytes", "MiB", 1 << 20, 10), ("ai_calls", "call", 1, 1000),
    ]
}
