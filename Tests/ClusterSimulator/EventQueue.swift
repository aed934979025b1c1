/// What is to happen, by time and, at the same time, in the order it was asked for.
struct EventQueue {
    private struct Entry {
        let at: Int64
        let number: UInt64
        let body: () -> Void

        func comes(before other: Entry) -> Bool { (at, number) < (other.at, other.number) }
    }

    private var heap: [Entry] = []
    private var number: UInt64 = 0

    mutating func add(at time: Int64, _ body: @escaping () -> Void) {
        number += 1
        heap.append(Entry(at: time, number: number, body: body))
        var child = heap.count - 1
        while child > 0, heap[child].comes(before: heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func next() -> (at: Int64, body: () -> Void)? {
        guard let first = heap.first else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            var parent = 0
            while true {
                var least = parent
                for child in [2 * parent + 1, 2 * parent + 2]
                where child < heap.count && heap[child].comes(before: heap[least]) {
                    least = child
                }
                if least == parent { break }
                heap.swapAt(parent, least)
                parent = least
            }
        }
        return (first.at, first.body)
    }
}
