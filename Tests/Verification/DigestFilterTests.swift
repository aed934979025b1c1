import Testing

@testable import KeybearerVerification

@Suite struct DigestFilterTests {
    private let budget = CacheBudget(capacityInBytes: 1 << 30)

    private func names(_ count: Int, seed: UInt64) -> [RecordName] {
        var random = SeededRandom(seed: seed)
        return (0..<count).map { _ in
            RecordName(FourWords(random.next(), random.next(), random.next(), random.next()))
        }
    }

    /// How many of 100,000 digests that were never added look as if they had been.
    private func mistaken(_ filter: borrowing DigestFilter) -> Int {
        var count = 0
        for name in names(100_000, seed: 99) where filter.mayContain(name) { count += 1 }
        return count
    }

    @Test func `A27 what was added is always found, and of the rest one in 100 at most is taken for it`() {
        var filter = DigestFilter(capacity: 20_000, seed: 5, budget: budget)
        let before = mistaken(filter)
        #expect(before == 0)
        let added = names(20_000, seed: 1)
        for name in added { filter.add(name) }
        for name in added where !filter.mayContain(name) { Issue.record("an added digest is not found") }
        let mistakes = mistaken(filter)
        #expect((1...1_000).contains(mistakes), "\(mistakes) of 100,000")
        var (count, isCrowded) = (filter.count, filter.isCrowded)
        #expect(!isCrowded && count > 19_800)
        for name in added { filter.add(name) }
        (count, isCrowded) = (filter.count, filter.isCrowded)
        #expect(!isCrowded && count <= 20_000)
    }

    @Test func `A27 with half as many again it is crowded, and one in 25 at most is mistaken`() {
        var filter = DigestFilter(capacity: 20_000, seed: 5, budget: budget)
        for name in names(29_000, seed: 1) { filter.add(name) }
        let (mistakes, isCrowdedAlready) = (mistaken(filter), filter.isCrowded)
        #expect(!isCrowdedAlready && mistakes <= 4_000)
        for name in names(2_500, seed: 2) { filter.add(name) }
        let isCrowded = filter.isCrowded
        #expect(isCrowded)
    }

    @Test func `A27 it takes a byte and a half for each, as long as it lives`() {
        do {
            let filter = DigestFilter(capacity: 100_000, seed: 5, budget: budget)
            let capacity = filter.capacity
            #expect(capacity >= 100_000)
            #expect(budget.byteCount >= 150_000 && budget.byteCount < 150_000 + 64)
        }
        #expect(budget.byteCount == 0)
    }

    @Test func `A27 one of which nothing is known says of everything that it may be there`() {
        var filter = DigestFilter()
        for name in names(10, seed: 1) { filter.add(name) }
        let (mistakes, isKnown, isCrowded) = (mistaken(filter), filter.isKnown, filter.isCrowded)
        #expect(mistakes == 100_000 && !isKnown && !isCrowded)
    }

    @Test func `A27 which digests are mistaken depends on the seed`() {
        var one = DigestFilter(capacity: 1_000, seed: 1, budget: budget)
        var other = DigestFilter(capacity: 1_000, seed: 2, budget: budget)
        for name in names(1_000, seed: 1) {
            one.add(name)
            other.add(name)
        }
        var both = 0
        for name in names(100_000, seed: 99) where one.mayContain(name) && other.mayContain(name) { both += 1 }
        #expect(both < 20)
    }
}
