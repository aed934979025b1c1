import ArgumentParser
import Foundation

struct Demonstration: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Fills invented workspaces, and prints a key of the first.")

    static let password = "an-invented-demo-pass-phrase"

    @OptionGroup var surroundings: Surroundings

    func run() async throws {
        let workspaces = try surroundings.open()
        let hash = try await Password.hash(Self.password)
        for (slug, name, plan) in [("heron", "Heron Joinery (demo)", "pro"), ("egret", "Egret Café (demo)", "free")] {
            try await workspaces.put(slug, name: name, plan: plan)
            let workspace = try await workspaces.books.workspace(slug: slug).unwrapped()
            let people: [(String, String, Role)] =
                [("olga@heron.example", "Olga Inventada", .owner)]
                + (slug == "heron"
                    ? [("adam@heron.example", "Adam Madeup", .admin), ("mia@heron.example", "Mia Imagined", .member)]
                    : [])
            for (email, name, role) in people {
                try await workspaces.put(email, name: name, role: role, in: workspace, passwordHash: hash)
            }
            try await fill(WorkspaceBooks(workspaces.books, workspace))
        }
        let key = try await workspaces.keys.makeKey(
            "Demonstration", permissions: ["invoice:*", "customer:*", "workspace:read"], for: "olga@heron.example",
            in: "heron")
        print(key)
    }

    private func fill(_ books: WorkspaceBooks) async throws {
        let names = ["Gull & Daughters", "Invented Ironworks", "Café Sin Lugar", "The Nowhere Theatre"]
        for (place, name) in names.enumerated() {
            let customer = try await books.addCustomer(
                CustomerDraft(name: "\(name) (\(books.workspace.slug))", email: "accounts\(place)@customer.example"))
            for number in 1...4 {
                let invoice = try await books.addInvoice(
                    InvoiceDraft(
                        customerID: customer.id, currency: "EUR", dueOn: "2030-0\(number)-28",
                        lines: [
                            .init(description: "Hours", quantity: Int64(number * 3), unitCents: 6500),
                            .init(description: "Material", quantity: 1, unitCents: Int64(place * 1250 + number)),
                        ])
                ).unwrapped()
                if number > 1 { _ = try await books.send(invoice.id) }
                if number > 2 { _ = try await books.markPaid(invoice.id) }
            }
        }
    }
}
