import KeybearerAPI
import KeybearerAdministration
import KeybearerVerification

/// Which part of a list is asked for. A cursor is the position of the last item that was shown.
struct PageRequest: Sendable {
    static let parameters = ["limit", "cursor"]

    let limit: Int
    let cursor: String?

    /// - Throws: 422 `invalid_limit`.
    init(_ query: QueryParameters) throws(Refusal) {
        cursor = query["cursor"]
        guard let text = query["limit"] else {
            limit = 20
            return
        }
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let limit = Int(text), (1...100).contains(limit)
        else { throw Refusal(422, "invalid_limit", "limit is a number from 1 to 100.") }
        self.limit = limit
    }

    static let invalidCursor = Refusal(422, "invalid_cursor", "Use the next_cursor of the page before as it was sent.")

    /// The page as Administration takes it, one item longer than what is shown: that is how the last page is known.
    ///
    /// - Throws: 422 `invalid_cursor` where the cursor is not an identifier of this list's kind.
    func page<Kind>(of kind: Identifier<Kind>.Type) throws(Refusal) -> KeybearerAdministration.Page<Identifier<Kind>> {
        guard let cursor else { return KeybearerAdministration.Page(limit: limit + 1) }
        guard let after = Identifier<Kind>(cursor) else { throw Self.invalidCursor }
        return KeybearerAdministration.Page(after: after, limit: limit + 1)
    }

    /// The answer for items of which there may be one more than are shown.
    func reply<Item, Element: Resource>(
        _ items: [Item], cursor: (Item) -> String, resource: (Item) -> Element
    ) -> Reply {
        let shown = items.prefix(limit)
        let next = items.count > limit ? shown.last.map(cursor) : nil
        return .resource(KeybearerAPI.Page(data: shown.map(resource), nextCursor: next))
    }

    /// The answer for a list that is always read whole, in the order in which its cursors rise (or fall).
    func reply<Item, Element: Resource>(
        whole items: [Item], falling: Bool, cursor: (Item) -> String, resource: (Item) -> Element
    ) -> Reply {
        let sorted = items.sorted { falling ? cursor($0) > cursor($1) : cursor($0) < cursor($1) }
        let rest = sorted.filter { item in
            guard let after = self.cursor else { return true }
            return falling ? cursor(item) < after : cursor(item) > after
        }
        return reply(rest, cursor: cursor, resource: resource)
    }
}
