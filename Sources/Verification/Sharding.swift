/// State that all threads share is split over independent locks, so that two cores rarely want the same one.
enum Sharding {
    /// A power of two, so that a shard is picked by masking.
    static func count(atLeast wanted: Int) -> Int {
        var count = 1
        while count < min(wanted, 1024) { count *= 2 }
        return count
    }
}
