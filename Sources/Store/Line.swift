/// Who waits, in the order they came; to join and to leave cost the same however many there are.
struct Line<Element> {
    private var elements: [Element] = []
    /// Those before it have left.
    private var first = 0

    mutating func append(_ element: Element) { elements.append(element) }

    /// Who has waited longest.
    mutating func next() -> Element? {
        guard first < elements.count else { return nil }
        defer {
            first += 1
            if first == elements.count || first > 1024 {
                elements.removeFirst(first)
                first = 0
            }
        }
        return elements[first]
    }
}
