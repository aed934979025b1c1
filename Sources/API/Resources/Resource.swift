/// Something the API answers with. Its values are rendered already: identifiers, addresses and times are text.
public protocol Resource: Sendable {
    /// The members in the order in which they are documented. A field without a value is null, never left out.
    var json: JSON { get }
}

/// One page of a list, newest first.
public struct Page<Element: Resource>: Resource {
    public let data: [Element]
    /// What `?cursor=` takes to go on; nil on the last page.
    public let nextCursor: String?

    public init(data: [Element], nextCursor: String?) {
        self.data = data
        self.nextCursor = nextCursor
    }

    public var json: JSON { ["data": .array(data.map(\.json)), "next_cursor": JSON(nextCursor)] }
}
