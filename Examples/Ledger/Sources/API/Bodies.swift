import Foundation
import Hummingbird
import NIOCore

/// A customer in a request.
struct CustomerBody: Decodable {
    let name: String
    let email: String?

    func draft() throws -> CustomerDraft {
        do throws(InvalidField) { return try CustomerDraft(name: name, email: email) } catch { throw Problem(error) }
    }
}

/// An invoice in a request.
struct InvoiceBody: Decodable {
    struct Line: Decodable {
        let description: String
        let quantity: Int64
        let unitCents: Int64
    }

    let customer: String
    let currency: String
    let dueOn: String
    let lines: [Line]

    func draft() throws -> InvoiceDraft {
        do throws(InvalidField) {
            return try InvoiceDraft(
                customerID: customer, currency: currency, dueOn: dueOn,
                lines: lines.map {
                    Invoice.Line(description: $0.description, quantity: $0.quantity, unitCents: $0.unitCents)
                })
        } catch {
            throw Problem(error)
        }
    }
}

/// A workspace in an answer.
struct WorkspaceAnswer: Encodable {
    let slug: String
    let name: String
    let plan: String

    init(_ workspace: Workspace) {
        slug = workspace.slug
        name = workspace.name
        plan = workspace.plan
    }
}

/// A customer in an answer.
struct CustomerAnswer: Encodable {
    let id: String
    let name: String
    let email: String?
    let createdAt: String

    init(_ customer: Customer) {
        id = customer.id
        name = customer.name
        email = customer.email
        createdAt = Moment.text(customer.createdAt)
    }
}

/// An invoice in an answer; its lines where it is asked for alone.
struct InvoiceAnswer: Encodable {
    struct Party: Encodable {
        let id: String
        let name: String
    }

    struct Line: Encodable {
        let description: String
        let quantity: Int64
        let unitCents: Int64
    }

    let id: String
    let number: Int64
    let status: String
    let customer: Party
    let currency: String
    let totalCents: Int64
    let dueOn: String
    let createdAt: String
    let sentAt: String?
    let paidAt: String?
    let lines: [Line]?

    init(_ invoice: Invoice) {
        id = invoice.id
        number = invoice.number
        status = invoice.status.rawValue
        customer = Party(id: invoice.customerID, name: invoice.customerName)
        currency = invoice.currency
        totalCents = invoice.totalCents
        dueOn = invoice.dueOn
        createdAt = Moment.text(invoice.createdAt)
        sentAt = invoice.sentAt.map(Moment.text)
        paidAt = invoice.paidAt.map(Moment.text)
        lines =
            invoice.lines.isEmpty
            ? nil
            : invoice.lines.map { Line(description: $0.description, quantity: $0.quantity, unitCents: $0.unitCents) }
    }
}

/// One page of a list in an answer.
struct ListAnswer<Item: Encodable>: Encodable {
    let data: [Item]
    let page: Int
    let limit: Int
    let total: Int

    init<Listing>(_ listed: Listed<Listing>, _ item: (Listing) -> Item) {
        data = listed.data.map(item)
        page = listed.page.page
        limit = listed.page.limit
        total = listed.total
    }
}

enum Wire {
    /// - Throws: `Problem`: 413 above 64 KiB, 422 for what is not the JSON that is asked for.
    static func read<Body: Decodable>(_ request: Request, as type: Body.Type) async throws -> Body {
        let bytes: ByteBuffer
        do {
            bytes = try await request.body.collect(upTo: 64 << 10)
        } catch is NIOTooManyBytesError {
            throw Problem(status: .contentTooLarge, code: "too_large", detail: "At most 64 KiB.")
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            return try decoder.decode(type, from: Data(bytes.readableBytesView))
        } catch {
            throw Problem(
                status: .unprocessableContent, code: "invalid_body", detail: "The body lacks a field or is not JSON.")
        }
    }

    static func answer(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let data = try encoder.encode(value)
        return Response(
            status: status, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(bytes: data)))
    }

    /// `?page=1&limit=20`: pages from 1, at most 100 entries.
    static func page(_ request: Request) throws -> PageOfList {
        func number(_ name: String, _ usual: Int, _ range: ClosedRange<Int>) throws -> Int {
            guard let text = request.uri.queryParameters.get(name) else { return usual }
            guard let value = Int(text), range.contains(value) else {
                throw Problem(
                    status: .unprocessableContent, code: "invalid_\(name)",
                    detail: "A number from \(range.lowerBound) to \(range.upperBound).")
            }
            return value
        }
        return PageOfList(
            page: try number("page", 1, 1...1_000_000), limit: try number("limit", 20, 1...100))
    }
}
