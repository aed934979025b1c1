import KeybearerAPI

/// A list of the server's, newest first, fetched page by page as it is walked through.
public struct Pages<Element: ReadableResource>: AsyncSequence, Sendable {
    let client: Client
    let call: APICall
    /// How many come with one call: 1…100.
    let size: Int

    /// One page; `after` is the `nextCursor` of the page before.
    public func page(after cursor: String? = nil) async throws(ClientError) -> Page<Element> {
        try await client.resource(call.asking([("limit", String(size)), ("cursor", cursor)]))
    }

    public func makeAsyncIterator() -> Iterator { Iterator(pages: self) }

    public struct Iterator: AsyncIteratorProtocol {
        let pages: Pages<Element>
        private var waiting: ArraySlice<Element> = []
        private var cursor: String?
        private var hasMore = true

        init(pages: Pages<Element>) { self.pages = pages }

        public mutating func next() async throws(ClientError) -> Element? {
            try await next(isolation: nil)
        }

        public mutating func next(isolation actor: isolated (any Actor)?) async throws(ClientError) -> Element? {
            while waiting.isEmpty {
                guard hasMore else { return nil }
                let page = try await pages.page(after: cursor)
                waiting = page.data[...]
                cursor = page.nextCursor
                hasMore = cursor != nil
            }
            return waiting.popFirst()
        }
    }
}

extension Pages {
    /// The whole list, or its first `limit`.
    public func collect(limit: Int = .max) async throws(ClientError) -> [Element] {
        var all: [Element] = []
        var iterator = makeAsyncIterator()
        while all.count < limit, let element = try await iterator.next() { all.append(element) }
        return all
    }
}

extension Client {
    func pages<Element: ReadableResource>(
        _ path: [String], _ query: [(String, String?)] = [], size: Int = 100
    ) -> Pages<Element> {
        Pages(client: self, call: APICall("GET", path).asking(query), size: Swift.min(100, Swift.max(1, size)))
    }
}
